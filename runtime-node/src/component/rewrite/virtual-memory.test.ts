// The size that a module sees, against the size that its memory has: after a reset the second is the larger one.
import { describe, expect, it } from 'vitest';
import { EXPORTED, rewriteModule } from './index.ts';
import { originalBytes, rewritten, wat, type RewrittenInstance } from './testing/engine.ts';

const PAGE = 65_536;
const OUT_OF_BOUNDS = new WebAssembly.RuntimeError('memory access out of bounds');

/** What a call fails with. */
function failure(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

const MEMORY = `(module
  (memory (export "memory") 1 5)
  (data $segment "abcdefgh")
  (func (export "size") (result i32) memory.size)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "fill") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill)
  (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy)
  (func (export "init") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.init $segment)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u))`;

/** An instance of two pages whose memory has three, with `z` all over. */
async function shrunk(): Promise<RewrittenInstance> {
  const instance = await rewritten(MEMORY);
  instance.call('grow', 1);
  instance.save();
  instance.call('grow', 1);
  new Uint8Array(instance.memory.buffer).fill(0x7a);
  instance.restore();
  return instance;
}

describe('memory.grow and memory.size', () => {
  it.each([
    { delta: 0, answer: 1, size: 1, told: [] },
    { delta: 1, answer: 1, size: 2, told: [2] },
    { delta: 4, answer: 1, size: 5, told: [5] },
    { delta: 5, answer: -1, size: 1, told: [] },
    { delta: 65_535, answer: -1, size: 1, told: [] },
    { delta: 65_536, answer: -1, size: 1, told: [] },
    { delta: -1, answer: -1, size: 1, told: [] },
    { delta: -2, answer: -1, size: 1, told: [] },
    { delta: 0x7fff_ffff, answer: -1, size: 1, told: [] },
    { delta: -0x8000_0000, answer: -1, size: 1, told: [] },
  ])('grows by $delta: answers $answer, and the size is $size', async ({ delta, answer, size, told }) => {
    const instance = await rewritten(MEMORY);
    expect(instance.call('grow', delta)).toBe(answer);
    expect(instance.call('size')).toBe(size);
    expect(instance.grown).toEqual(told);
    expect(instance.memory.buffer.byteLength).toBe(size * PAGE);
  });

  it('go by the virtual size after a reset, and the real memory grows only when it must', async () => {
    const instance = await shrunk();
    expect(instance.call('size')).toBe(2);
    expect(instance.memory.buffer.byteLength).toBe(3 * PAGE);
    expect(instance.call('grow', 0)).toBe(2);
    expect(instance.call('grow', 1)).toBe(2);
    expect(instance.memory.buffer.byteLength).toBe(3 * PAGE);
    expect(instance.call('grow', 1)).toBe(3);
    expect(instance.memory.buffer.byteLength).toBe(4 * PAGE);
    expect(instance.call('grow', 2)).toBe(-1);
    expect(instance.call('grow', 1)).toBe(4);
    expect(instance.call('grow', 1)).toBe(-1);
    expect(instance.call('size')).toBe(5);
    expect(instance.grown).toEqual([2, 3, 3, 4, 5]);
    expect(instance.refused).toBe(2);
  });

  it('hold to a maximum that the engine gave instead of the declared one', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const instance = await rewritten(MEMORY, { 'spindle:engine': { memory0: memory } });
    expect(instance.call('grow', 1)).toBe(1);
    expect(instance.call('grow', 1)).toBe(-1);
    expect(instance.call('size')).toBe(2);
  });

  it('work in a start function', async () => {
    const instance = await rewritten(
      '(module (memory (export "memory") 1) (func $start (drop (memory.grow (i32.const 2)))) (start $start))',
    );
    expect(instance.grown).toEqual([3]);
    expect(instance.pages.value).toBe(3);
  });
});

describe('a bulk instruction in a memory whose real size is larger', () => {
  const END = 2 * PAGE;
  it.each([
    ['fill', [END - 1, 0x61, 1], true],
    ['fill', [END, 0x61, 0], true],
    ['fill', [0, 0x61, END], true],
    ['fill', [END, 0x61, 1], false],
    ['fill', [END + 1, 0x61, 0], false],
    ['fill', [END - 1, 0x61, 2], false],
    ['fill', [-1, 0x61, 1], false],
    ['fill', [-1, 0x61, 2], false],
    ['fill', [1, 0x61, -1], false],
    ['copy', [END - 4, 0, 4], true],
    ['copy', [0, END - 4, 4], true],
    ['copy', [END, END, 0], true],
    ['copy', [END - 3, 0, 4], false],
    ['copy', [0, END - 3, 4], false],
    ['copy', [0, END + 1, 0], false],
    ['copy', [END + 1, 0, 0], false],
    ['copy', [-1, 0, 2], false],
    ['copy', [0, -1, 2], false],
    ['copy', [0, 0, -1], false],
    ['init', [END - 8, 0, 8], true],
    ['init', [END, 8, 0], true],
    ['init', [END - 7, 0, 8], false],
    ['init', [END + 1, 0, 0], false],
    ['init', [0, 1, 8], false],
    ['init', [0, 9, 0], false],
    ['init', [-1, 0, 2], false],
  ] as const)('memory.%s of %j is within bounds: %s', async (name, args, within) => {
    const instance = await shrunk();
    const before = new Uint8Array(instance.memory.buffer).slice();
    const expected = within ? undefined : OUT_OF_BOUNDS;
    expect(failure(() => instance.call(name, ...args))).toEqual(expected);
    // What lies beyond the virtual size is never touched, and a failure changes nothing.
    const untouched = within ? END : 0;
    const after = new Uint8Array(instance.memory.buffer);
    expect(Buffer.compare(before.subarray(untouched), after.subarray(untouched))).toBe(0);
    // A module as it was, with a memory of that size, does the same.
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await originalBytes(MEMORY)));
    const original = exports as Readonly<Record<string, (...args: readonly number[]) => number>>;
    original['grow']?.(1);
    expect(failure(() => original[name]?.(...args))).toEqual(expected);
  });
});

/** The imports of a module that takes its memory from this instance. */
const from = ({ exports }: RewrittenInstance): Record<string, Record<string, unknown>> => ({
  owner: { memory: exports['memory'] },
  a: { f() {}, g: 7 },
  'spindle:engine': { pages: exports[EXPORTED.pages], grow: exports[EXPORTED.grow] },
});

describe('a module that imports its memory', () => {
  const OWNER = `(module (memory (export "memory") 1)
    (func (export "size") (result i32) memory.size)
    (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))`;
  const GUEST = `(module
    (import "a" "f" (func $f))
    (import "a" "g" (global $g i32))
    (import "owner" "memory" (memory 1))
    (global $own (mut i32) (global.get $g))
    (export "memory" (memory 0))
    (export "own" (global $own))
    (func (export "size") (result i32) memory.size)
    (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
    (func (export "fill") (param i32) i32.const 0 i32.const 1 local.get 0 memory.fill)
    (func (export "own-value") (result i32) call $f global.get $own))`;

  it('has the size of the module that defines it, and grows it', async () => {
    const owner = await rewritten(OWNER);
    const guest = await rewritten(GUEST, from(owner));
    expect(guest.facts).toMatchObject({
      virtualMemory: true,
      importedMemory: { module: 'owner', name: 'memory' },
      memories: {},
    });
    owner.save();
    expect(guest.call('grow', 2)).toBe(1);
    expect([guest.call('size'), owner.call('size')]).toEqual([3, 3]);
    expect(owner.grown).toEqual([3]);
    guest.call('fill', 3 * PAGE);
    owner.restore();
    expect([guest.call('size'), owner.call('size')]).toEqual([1, 1]);
    expect(() => guest.call('fill', PAGE + 1)).toThrow(OUT_OF_BOUNDS);
    guest.call('fill', PAGE);
    expect(guest.call('own-value')).toBe(7);
  });

  it('hands memory and size on to a third one', async () => {
    const owner = await rewritten(OWNER);
    const second = await rewritten(GUEST, from(owner));
    const third = await rewritten(GUEST, from(second));
    expect(third.call('grow', 1)).toBe(1);
    expect([owner.call('size'), second.call('size'), third.call('size')]).toEqual([2, 2, 2]);
  });
});

describe('a memory that cannot be virtual', () => {
  it.each([
    ['several', '(memory 1) (memory 2 3)', { 0: { initial: 1 }, 1: { initial: 2, maximum: 3 } }],
    ['64-bit', '(memory i64 1 2)', { 0: { initial: 1, maximum: 2 } }],
    ['shared', '(memory 1 2 shared)', { 0: { initial: 1, maximum: 2 } }],
  ])('is imported all the same: %s', async (_, memories, facts) => {
    const result = rewriteModule(await wat(`(module ${memories})`), { timeChecks: true });
    expect(WebAssembly.validate(result.bytes)).toBe(true);
    expect(result.facts).toMatchObject({ virtualMemory: false, memories: facts });
    expect(result.facts.obstacles).not.toEqual([]);
  });

  it('keeps its real size when the instance serves one call', async () => {
    const instance = await rewritten(MEMORY, {}, { timeChecks: false, resettable: false });
    expect(instance.facts).toMatchObject({ virtualMemory: false, savesGlobals: false });
    expect(instance.call('grow', 1)).toBe(1);
    expect(instance.memory.buffer.byteLength).toBe(2 * PAGE);
    expect(Object.keys(instance.exports).filter((name) => name.startsWith('spindle:'))).toEqual([]);
  });
});
