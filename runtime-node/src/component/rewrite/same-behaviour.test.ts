// Random programs do the same rewritten as they were: in a fresh instance, and in one that has run another program's
// share of changes and was put back.
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RewrittenInstance, wat } from './testing/engine.ts';
import { program } from './testing/programs.ts';

interface Outcome {
  /** What `run` answered, or the message that it failed with. */
  readonly answer: unknown;
  readonly log: readonly number[];
  readonly globals: readonly unknown[];
  readonly pages: number;
  /** Digest of the content. */
  readonly memory: string;
}

type Exports = Readonly<Record<string, unknown>>;

const valueOf = (exports: Exports, name: string): unknown => (exports[name] as WebAssembly.Global).value;

/** `pages` where they are not those of the memory. */
function outcome(exports: Exports, log: number[], pages?: () => number): Outcome {
  let answer: unknown;
  log.length = 0;
  try {
    answer = (exports['run'] as () => unknown)();
  } catch (error) {
    // expected: programs that reach beyond their memory
    answer = (error as Error).message;
  }
  const memory = exports['memory'] as WebAssembly.Memory;
  const size = pages?.() ?? memory.buffer.byteLength / 65_536;
  return {
    answer,
    log: [...log],
    globals: [valueOf(exports, 'a'), valueOf(exports, 'b')],
    pages: size,
    memory: createHash('sha256')
      .update(new Uint8Array(memory.buffer, 0, size * 65_536))
      .digest('hex'),
  };
}

/** Puts an instance back by what the engine has: kept globals and the first pages as they were. */
function reset(instance: RewrittenInstance, image: Uint8Array): void {
  const memory = new Uint8Array(instance.memory.buffer);
  memory.fill(0);
  memory.set(image);
  instance.restore();
}

/** A program that goes beyond the virtual size is stopped there by the engine, which protects what lies behind. */
const staysWithin = ({ answer }: Outcome): boolean => answer !== 'memory access out of bounds';

describe('a program', () => {
  it.each([
    ['without checks', { timeChecks: false }],
    ['with checks', { timeChecks: true }],
    ['with real sizes', { timeChecks: true, resettable: false }],
  ] as const)('does the same when rewritten %s', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(program, async (text) => {
        const bytes = new Uint8Array(await wat(text));
        const log: number[] = [];
        const host = { host: { log: (value: number) => log.push(value), g: 3 } };
        const original = new WebAssembly.Instance(new WebAssembly.Module(bytes), host);
        const wanted = outcome(original.exports, log);
        const instance = new RewrittenInstance(bytes, host, options);
        // A flag that is set all the time must change nothing.
        instance.flag[0] = 1;
        instance.onInterrupt = () => {};
        expect(outcome(instance.exports, log)).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });

  it('does the same after a reset as in a fresh instance', async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.integer({ min: 0, max: 2 }), async (text, growth) => {
        const bytes = new Uint8Array(await wat(text));
        const log: number[] = [];
        const host = { host: { log: (value: number) => log.push(value), g: 3 } };
        const instance = new RewrittenInstance(bytes, host);
        const image = new Uint8Array(instance.memory.buffer).slice();
        instance.save();
        const fresh = outcome(instance.exports, log, () => Number(instance.pages.value));
        instance.call('spindle:grow', growth);
        new Uint8Array(instance.memory.buffer).fill(0xaa);
        reset(instance, image);
        expect(instance.pages.value).toBe(1);
        const again = outcome(instance.exports, log, () => Number(instance.pages.value));
        fc.pre(staysWithin(fresh));
        expect(again).toEqual(fresh);
      }),
      { numRuns: 150 },
    );
  });
});
