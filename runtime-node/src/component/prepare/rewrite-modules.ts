// From the core modules of a component to those that the engine runs: all of them rewritten, and found valid by V8. What
// is wrong is said of the module as it was written, not as it was rewritten.
import { UserError } from '@spindle/api';
import type { ComponentPlan } from '../plan.ts';
import { RewriteError, type RewriteOptions } from '../rewrite/index.ts';
import { problemOf } from './compile.ts';
import type { KnownCode, RunnableModule, Unrunnable } from './known-code.ts';

export interface RewriteModulesOptions {
  readonly timeChecks: boolean;
  /** What to call the component in messages. */
  readonly file: string | undefined;
}

/** A core module where it stands in its component. */
interface CoreModule {
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly offset: number;
  readonly file: string | undefined;
}

export function rewriteModules(
  bytes: Uint8Array,
  ranges: ComponentPlan['modules'],
  { timeChecks, file }: RewriteModulesOptions,
  known: KnownCode,
): RunnableModule[] {
  const modules = ranges.map(({ offset, length }, index) => ({
    bytes: bytes.subarray(offset, offset + length),
    index,
    offset,
    file,
  }));
  const first = modules.map((module) => prepare(module, { timeChecks }, known));
  // Where one instance cannot be put back, none is: each call gets new ones, and what putting back needs is left out.
  const made = first.some(({ facts }) => facts.obstacles.length > 0)
    ? modules.map((module) => prepare(module, { timeChecks, resettable: false }, known))
    : first;
  return made.map((one, index) => runnable(one, modules[index] as CoreModule));
}

function prepare(module: CoreModule, options: RewriteOptions, known: KnownCode): RunnableModule | Unrunnable {
  try {
    const made = known.prepare(module.bytes, options);
    const { refused } = made.facts;
    if (refused.length > 0) {
      throw unusable(module, `needs what this engine does not have: ${refused.join(', ')}`);
    }
    return made;
  } catch (error) {
    throw error instanceof RewriteError
      ? unusable(module, `is not valid: ${problemOf(module.bytes) ?? error.message}`, error)
      : error;
  }
}

function runnable(made: RunnableModule | Unrunnable, original: CoreModule): RunnableModule {
  if (!('problem' in made)) {
    return made;
  }
  const reason = problemOf(original.bytes);
  if (reason === undefined) {
    throw new Error(`core module ${original.index} is valid but was rewritten to one that is not: ${made.problem}`);
  }
  throw unusable(original, `is not valid: ${reason}`);
}

function unusable({ index, offset, file }: CoreModule, what: string, cause?: Error): UserError {
  return new UserError(`core module ${index} of the component ${what}`, {
    code: 'SPK4011',
    ...(file === undefined ? {} : { file }),
    field: `core module ${index} at byte ${offset}`,
    remedy: 'Build the component for WebAssembly features that Node 26 has, or fetch it again: it may be damaged.',
    ...(cause === undefined ? {} : { cause }),
  });
}
