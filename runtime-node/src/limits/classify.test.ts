// Each error that V8 throws is drawn from V8 here, so that a new version with other words is noticed.
import { parse } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { Trap } from '../component/index.ts';
import { classifyFailure } from './classify.ts';
import { LimitExceeded } from './limit-exceeded.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** What a function with this body ends with; the module has a memory, and a table with nothing in it. */
async function trapOf(body: string): Promise<unknown> {
  const text = `(module (memory 1) (table 1 funcref) (type $t (func)) (func $f (export "f") ${body}))`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(await parse(text))));
  return thrownBy(exports['f'] as () => void);
}

const UNREACHABLE = 'unreachable';
const CALL_ITSELF = 'call $f';
const LOAD_FAR = '(drop (i32.load (i32.const -4)))';
const CALL_NULL = '(call_indirect (type $t) (i32.const 0))';

/** Not in our declarations: only guests grow tables. */
const growTable = (table: WebAssembly.Table): unknown => (table as unknown as { grow(by: number): number }).grow(10);

function endlessly(): number {
  return endlessly() + 1;
}

describe('a failed call', () => {
  it('that recursed without end, in wasm or in the host for it, ran into the stack', async () => {
    for (const error of [await trapOf(CALL_ITSELF), thrownBy(endlessly)]) {
      expect(classifyFailure(error)).toEqual({
        limit: 'stack',
        status: 500,
        message: 'the stack limit was reached (Maximum call stack size exceeded)',
      });
    }
  });

  it.each([
    ['table', () => growTable(new WebAssembly.Table({ element: 'anyfunc', initial: 0, maximum: 5 }))],
    ['table', () => new WebAssembly.Table({ element: 'anyfunc', initial: 2 ** 32 - 1 })],
    ['memory', () => new WebAssembly.Memory({ initial: 0, maximum: 1 }).grow(5)],
    ['memory', () => new Uint8Array(2 ** 47)],
    ['memory', () => 'x'.repeat(2 ** 30)],
  ])('for which V8 had no more %s ran into that', (limit, act) => {
    expect(classifyFailure(thrownBy(act))).toMatchObject({ limit, status: 500 });
  });

  it('for whose memory there was no address space left ran into memory', () => {
    // As V8 14 says it; sixteen thousand memories would have to be made to hear it.
    const error = new RangeError('WebAssembly.Memory(): could not allocate memory');
    expect(classifyFailure(error)).toMatchObject({ limit: 'memory', status: 500 });
  });

  it.each([
    ['unreachable', UNREACHABLE],
    ['memory access out of bounds', LOAD_FAR],
    ['call through an empty place of a table', CALL_NULL],
  ])('by a fault of its own has no limit to do with it: %s', async (_what, body) => {
    const error = await trapOf(body);
    const { limit, status, message } = classifyFailure(error);
    expect([limit, status, message]).toEqual([undefined, 500, (error as Error).message]);
  });

  it('by giving up after memory was refused ran into the memory limit', async () => {
    const facts = { growthRefused: true, instanceMemory: 16 * 2 ** 20 };
    expect(classifyFailure(await trapOf(UNREACHABLE), facts)).toEqual({
      limit: 'memory',
      status: 500,
      message: 'the memory limit of 16 MiB was reached; --max-instance-memory raises it (unreachable)',
    });
    expect(classifyFailure(new Trap('the guest called exit with status 1'), facts).limit).toBe('memory');
    // It may live with a refusal and fail for another reason.
    expect(classifyFailure(new Trap('the guest called exit with status 0'), facts).limit).toBeUndefined();
    expect(classifyFailure(await trapOf(LOAD_FAR), facts).limit).toBeUndefined();
  });

  it('for too many handles says so', () => {
    const error = new Trap('too many resource handles: an instance may hold 100000');
    expect(classifyFailure(error)).toEqual({ limit: 'handles', status: 500, message: error.message });
  });

  it('by a limit of ours says what that says, however it was wrapped', () => {
    const limit = new LimitExceeded('request time', { value: 1000 });
    const wrapped = new Trap('the call failed', { cause: new Error('again', { cause: limit }) });
    for (const error of [limit, wrapped]) {
      expect(classifyFailure(error)).toEqual({ limit: 'request time', status: 504, message: limit.message });
    }
  });

  it.each([
    [undefined, 'undefined'],
    ['a string', 'a string'],
    [Object.create(null), '[Object: null prototype] {}'],
    [new Error('Maximum call stack size exceeded'), 'Maximum call stack size exceeded'],
    [new Trap('too many resources'), 'too many resources'],
  ])('by %o is no limit', (error, message) => {
    expect(classifyFailure(error)).toEqual({ limit: undefined, status: 500, message });
  });

  it('with causes in a circle is looked at to an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(classifyFailure(error)).toMatchObject({ limit: undefined, message: 'round' });
  });
});
