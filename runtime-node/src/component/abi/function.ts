// A function type at the canonical ABI: how its parameters and its result pass between values and core values, flat or
// through memory. CanonicalABI.md lift_flat_values, lower_flat_values, canon lift, canon lower.
import type { FuncType, TypeRef } from '../plan.ts';
import type { Codec } from './codec.ts';
import type { TypeCompiler } from './compile.ts';
import {
  MAX_FLAT_ASYNC_PARAMS,
  MAX_FLAT_PARAMS,
  MAX_FLAT_RESULTS,
  type CoreType,
  type CoreValue,
} from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { recordLayout } from './layout.ts';
import { ValueError } from './value-error.ts';

export interface FunctionAbi {
  /** The core function that `canon lower` makes, the result pointer included. */
  readonly lowered: CoreSignature;
  /** What the side that calls (`canon lower`) has to have. */
  readonly caller: Needs;
  /** What the side that is called (`canon lift`) has to have. */
  readonly callee: Needs;
  /** The same where the result comes another way. */
  readonly taskParams: Needs;
  /** Out of the calling guest; may overwrite `flat`, except for the result pointer. */
  liftParams(cx: LiftLowerContext, flat: CoreValue[]): unknown[];
  /** Into the calling guest: gives the flat result, or fills the result area that the last of `flat` points to. */
  lowerResult(cx: LiftLowerContext, result: unknown, flat: readonly CoreValue[]): CoreValue | undefined;
  /** Into the called guest. */
  lowerParams(cx: LiftLowerContext, args: readonly unknown[]): CoreValue[];
  /** Out of the called guest. */
  liftResult(cx: LiftLowerContext, result: CoreValue | undefined): unknown;
}

export interface CoreSignature {
  readonly params: readonly CoreType[];
  readonly result: CoreType | null;
}

export interface Needs {
  readonly memory: boolean;
  readonly realloc: boolean;
}

/** The same function lowered with the option `async`: fewer flat parameters, and a result that is always in memory. */
export interface AsyncLowerAbi {
  readonly lowered: CoreSignature;
  readonly caller: Needs;
  liftParams(cx: LiftLowerContext, flat: CoreValue[]): unknown[];
  /** Fills the result area that the last of `flat` points to. */
  storeResult(cx: LiftLowerContext, result: unknown, flat: readonly CoreValue[]): void;
}

export function compileAsyncLower(types: TypeCompiler, type: FuncType): AsyncLowerAbi {
  const params = compileParams(
    type.params.map((param) => types.codec(param.type)),
    MAX_FLAT_ASYNC_PARAMS,
  );
  const result = type.result === null ? null : types.codec(type.result);
  const memory = params.inMemory || params.usesMemory || result !== null;
  return {
    lowered: { params: result === null ? params.flat : [...params.flat, 'i32'], result: 'i32' },
    caller: { memory, realloc: result?.usesMemory === true },
    liftParams: params.lift,
    storeResult(cx, value, flat) {
      if (result !== null) {
        const pointer = Number(flat[params.flat.length]) >>> 0;
        cx.checkRange(pointer, result.size, result.alignment, 'result');
        result.store(cx, pointer, value);
      }
    },
  };
}

/** `task.return` of a function with this result. */
export interface TaskReturnAbi {
  readonly signature: CoreSignature;
  readonly caller: Needs;
  lift(cx: LiftLowerContext, flat: CoreValue[]): unknown;
}

export function compileTaskReturn(types: TypeCompiler, result: TypeRef | null): TaskReturnAbi {
  const params = compileParams(result === null ? [] : [types.codec(result)]);
  return {
    signature: { params: params.flat, result: null },
    caller: { memory: params.inMemory || params.usesMemory, realloc: false },
    lift: (cx, flat) => params.lift(cx, flat)[0],
  };
}

export function compileFunction(types: TypeCompiler, type: FuncType): FunctionAbi {
  const params = compileParams(type.params.map((param) => types.codec(param.type)));
  const result = compileResult(type.result === null ? null : types.codec(type.result));
  const memory = params.inMemory || params.usesMemory || result.inMemory || result.usesMemory;
  return {
    lowered: { params: result.inMemory ? [...params.flat, 'i32'] : params.flat, result: result.flat },
    caller: { memory, realloc: result.usesMemory },
    callee: { memory, realloc: params.inMemory || params.usesMemory },
    taskParams: {
      memory: params.inMemory || params.usesMemory,
      realloc: params.inMemory || params.usesMemory,
    },
    liftParams: params.lift,
    lowerParams: params.lower,
    liftResult: result.lift,
    lowerResult: (cx, value, flat) => result.lower(cx, value, Number(flat[params.flat.length]) >>> 0),
  };
}

function compileParams(codecs: readonly Codec[], maxFlat = MAX_FLAT_PARAMS) {
  const { size, alignment, flat, offsets, flatOffsets } = recordLayout(codecs);
  const count = codecs.length;
  const usesMemory = codecs.some((codec) => codec.usesMemory);
  const checkCount = (args: readonly unknown[]): void => {
    if (args.length !== count) {
      throw new ValueError(`${count} arguments`, args.length);
    }
  };
  if (flat !== null && flat.length <= maxFlat) {
    return {
      usesMemory,
      inMemory: false,
      flat,
      lift(cx: LiftLowerContext, values: CoreValue[]): unknown[] {
        cx.beginLift();
        const args: unknown[] = [];
        for (let i = 0; i < count; i++) {
          args.push((codecs[i] as Codec).lift(cx, values, flatOffsets[i] as number));
        }
        return args;
      },
      lower(cx: LiftLowerContext, args: readonly unknown[]): CoreValue[] {
        checkCount(args);
        const values: CoreValue[] = [];
        for (let i = 0; i < count; i++) {
          (codecs[i] as Codec).lower(cx, args[i], values, flatOffsets[i] as number);
        }
        return values;
      },
    };
  }
  return {
    usesMemory,
    inMemory: true,
    flat: ['i32'] as readonly CoreType[],
    lift(cx: LiftLowerContext, values: CoreValue[]): unknown[] {
      cx.beginLift();
      const pointer = Number(values[0]) >>> 0;
      cx.checkRange(pointer, size, alignment, 'parameter');
      return codecs.map((codec, i) => codec.load(cx, pointer + (offsets[i] as number)));
    },
    lower(cx: LiftLowerContext, args: readonly unknown[]): CoreValue[] {
      checkCount(args);
      const pointer = cx.allocate(size, alignment);
      for (const [i, codec] of codecs.entries()) {
        codec.store(cx, pointer + (offsets[i] as number), args[i]);
      }
      return [pointer];
    },
  };
}

function compileResult(codec: Codec | null) {
  if (codec === null) {
    return {
      usesMemory: false,
      inMemory: false,
      flat: null,
      lift: (_cx: LiftLowerContext, _result: CoreValue | undefined): unknown => undefined,
      lower: (_cx: LiftLowerContext, _value: unknown, _pointer: number): CoreValue | undefined => undefined,
    };
  }
  const { size, alignment, flat, usesMemory } = codec;
  if (flat !== null && flat.length <= MAX_FLAT_RESULTS) {
    return {
      usesMemory,
      inMemory: false,
      flat: flat[0] ?? null,
      lift(cx: LiftLowerContext, result: CoreValue | undefined): unknown {
        cx.beginLift();
        return codec.lift(cx, [result ?? 0], 0);
      },
      lower(cx: LiftLowerContext, value: unknown): CoreValue | undefined {
        const values: CoreValue[] = [];
        codec.lower(cx, value, values, 0);
        return values[0];
      },
    };
  }
  return {
    usesMemory,
    inMemory: true,
    flat: null,
    lift(cx: LiftLowerContext, result: CoreValue | undefined): unknown {
      cx.beginLift();
      const pointer = Number(result) >>> 0;
      cx.checkRange(pointer, size, alignment, 'result');
      return codec.load(cx, pointer);
    },
    lower(cx: LiftLowerContext, value: unknown, pointer: number): CoreValue | undefined {
      cx.checkRange(pointer, size, alignment, 'result');
      codec.store(cx, pointer, value);
      return undefined;
    },
  };
}
