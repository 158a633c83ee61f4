import { describe, expect, it } from 'vitest';
import type { CompositeType, PrimitiveType, TypeRef } from '../plan.ts';
import { TypeCompiler } from './compile.ts';
import type { CoreValue } from './core-types.ts';
import { compileFunction, type FunctionAbi } from './function.ts';
import { GuestSide } from './testing/guest-side.ts';

const TYPES: readonly CompositeType[] = [
  { kind: 'tuple', elements: ['u32', 'u32'] },
  { kind: 'list', element: 'u8' },
  { kind: 'result', ok: null, err: null },
];
const PAIR = 0;
const BYTES = 1;
const UNIT_RESULT = 2;

function abiOf(params: readonly TypeRef[], result: TypeRef | null): FunctionAbi {
  return compileFunction(new TypeCompiler(TYPES, []), {
    params: params.map((type, i) => ({ name: `p${i}`, type })),
    result,
  });
}

const times = (count: number, type: PrimitiveType): PrimitiveType[] => Array.from({ length: count }, () => type);

describe('the parameters of a function', () => {
  it('are flat up to 16 core values', () => {
    const abi = abiOf(times(16, 'u32'), null);
    const args = Array.from({ length: 16 }, (_, i) => i);
    const { cx } = new GuestSide();
    expect(abi.lowered).toEqual({ params: times(16, 'u32').map(() => 'i32'), result: null });
    expect(abi.lowerParams(cx, args)).toEqual(args);
    expect(abi.liftParams(cx, [...args])).toEqual(args);
    expect(abi.caller).toEqual({ memory: false, realloc: false });
  });

  it('go through memory, laid out as a tuple, from 17 core values on', () => {
    const types: PrimitiveType[] = ['u8', 'u64', ...times(15, 'u16')];
    const abi = abiOf(types, null);
    const args = [1, 2n, ...Array.from({ length: 15 }, (_, i) => i)];
    const { cx } = new GuestSide();
    const flat = abi.lowerParams(cx, args);
    expect(abi.lowered).toEqual({ params: ['i32'], result: null });
    expect(flat).toHaveLength(1);
    expect(cx.view.getBigUint64(Number(flat[0]) + 8, true)).toBe(2n);
    expect(cx.view.getUint16(Number(flat[0]) + 18, true)).toBe(1);
    expect(abi.liftParams(cx, flat)).toEqual(args);
    expect(abi.callee).toEqual({ memory: true, realloc: true });
    expect(abi.caller).toEqual({ memory: true, realloc: false });
  });

  it.each([
    ['is not aligned', 17],
    ['is out of bounds', 65_536 - 8],
    ['is negative, which means beyond two gigabytes', -16],
  ])('trap when the address of their memory %s', (_what, pointer) => {
    const abi = abiOf([...times(16, 'u32'), 'u64'], null);
    expect(() => abi.liftParams(new GuestSide().cx, [pointer])).toThrow(/parameter pointer/);
  });

  it('are refused in another number', () => {
    expect(() => abiOf(['u32'], null).lowerParams(new GuestSide().cx, [1, 2])).toThrow('expected 1 arguments, got 2');
  });
});

describe('the result of a function', () => {
  it('is returned when it is one core value', () => {
    const abi = abiOf([], UNIT_RESULT);
    const { cx } = new GuestSide();
    expect(abi.lowerResult(cx, { tag: 'err', val: undefined }, [])).toBe(1);
    expect(abi.liftResult(cx, 0)).toEqual({ tag: 'ok', val: undefined });
    expect(abi.lowered).toEqual({ params: [], result: 'i32' });
  });

  it('is nothing at all when the function has none', () => {
    const abi = abiOf([], null);
    const { cx } = new GuestSide();
    expect(abi.lowerResult(cx, undefined, [])).toBeUndefined();
    expect(abi.liftResult(cx, undefined)).toBeUndefined();
  });

  it('is stored where the last core parameter points when it is more', () => {
    const abi = abiOf(['u32', 'u64'], PAIR);
    const guest = new GuestSide();
    const flat: CoreValue[] = [1, 2n, 64];
    expect(abi.lowered).toEqual({ params: ['i32', 'i64', 'i32'], result: null });
    expect(abi.lowerResult(guest.cx, [7, 8], flat)).toBeUndefined();
    expect(guest.cx.view.getUint32(68, true)).toBe(8);
    expect(abi.liftResult(guest.cx, 64)).toEqual([7, 8]);
  });

  it.each([
    ['is not aligned', 66],
    ['is out of bounds', 65_532],
    ['is far out of bounds', -4],
  ])('traps when its address %s', (_what, pointer) => {
    const abi = abiOf([], PAIR);
    const { cx } = new GuestSide();
    expect(() => abi.lowerResult(cx, [1, 2], [pointer])).toThrow(/result pointer/);
    expect(() => abi.liftResult(cx, pointer)).toThrow(/result pointer/);
  });

  it('needs the realloc of the caller only when it has contents of its own', () => {
    expect(abiOf([BYTES], PAIR).caller).toEqual({ memory: true, realloc: false });
    expect(abiOf([], BYTES).caller).toEqual({ memory: true, realloc: true });
    expect(abiOf([], BYTES).callee).toEqual({ memory: true, realloc: false });
  });
});
