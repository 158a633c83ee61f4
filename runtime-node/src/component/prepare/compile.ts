// Compiles the core modules of a component, in the engine's own threads. What V8 refuses is the component's fault.
import { UserError } from '@spindle/api';
import type { ComponentPlan } from '../plan.ts';

export async function compileModules(
  bytes: Uint8Array,
  ranges: ComponentPlan['modules'],
  file: string | undefined,
): Promise<WebAssembly.Module[]> {
  return Promise.all(
    ranges.map(async ({ offset, length }, index) => {
      try {
        return await WebAssembly.compile(bytes.subarray(offset, offset + length));
      } catch (cause) {
        throw cause instanceof WebAssembly.CompileError ? invalid(cause, index, offset, file) : cause;
      }
    }),
  );
}

function invalid(cause: Error, index: number, offset: number, file: string | undefined): UserError {
  return new UserError(`core module ${index} of the component is not valid: ${reasonOf(cause)}`, {
    code: 'SPK4011',
    ...(file === undefined ? {} : { file }),
    field: `core module ${index} at byte ${offset}`,
    remedy: 'Build the component for WebAssembly features that Node 26 has, or fetch it again: it may be damaged.',
    cause,
  });
}

/** V8's message without the name of the function that was called; its offsets are those within the module. */
const reasonOf = (cause: Error): string => cause.message.replace(/^WebAssembly\.\w+\(\): /, '');
