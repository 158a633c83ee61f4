// variant, enum, option and result: a discriminant, and a payload whose flat types are the join over all cases.
// CanonicalABI.md load_variant, store_variant, lift_flat_variant, lower_flat_variant.
import { Trap } from '../host-interface.ts';
import type { Codec } from './codec.ts';
import { narrowing, widening, zeroOf, type Coercion, type CoreType, type CoreValue } from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { variantLayout } from './layout.ts';
import { ValueError } from './value-error.ts';

/** How the cases look in TypeScript. */
interface Shape {
  /** Index of the case that the value is of; -1 when of none. */
  caseOf(value: unknown): number;
  payloadOf(value: unknown): unknown;
  make(caseIndex: number, payload: unknown): unknown;
  readonly expected: string;
}

export interface Case {
  readonly name: string;
  readonly codec: Codec | null;
}

export function variantOf(cases: readonly Case[]): Codec {
  const index = new Map(cases.map(({ name }, i) => [name, i]));
  return sum(
    cases.map(({ codec }) => codec),
    {
      caseOf: (value) => index.get(tagOf(value)) ?? -1,
      payloadOf: (value) => (value as { val?: unknown }).val,
      make: (i, payload) => {
        const chosen = cases[i] as Case;
        return chosen.codec === null ? { tag: chosen.name } : { tag: chosen.name, val: payload };
      },
      expected: `a variant whose tag is one of ${cases.map(({ name }) => name).join(', ')}`,
    },
  );
}

export function enumOf(names: readonly string[]): Codec {
  const index = new Map<unknown, number>(names.map((name, i) => [name, i]));
  return sum(
    names.map(() => null),
    {
      caseOf: (value) => index.get(value) ?? -1,
      payloadOf: () => undefined,
      make: (i) => names[i],
      expected: `one of ${names.join(', ')}`,
    },
  );
}

export function resultOf(ok: Codec | null, err: Codec | null): Codec {
  return sum([ok, err], {
    caseOf: (value) => {
      const tag = tagOf(value);
      return tag === 'ok' ? 0 : tag === 'err' ? 1 : -1;
    },
    payloadOf: (value) => (value as { val?: unknown }).val,
    make: (i, val) => ({ tag: i === 0 ? 'ok' : 'err', val }),
    expected: "a result { tag: 'ok' | 'err', val }",
  });
}

/** `nested`: the payload is an option itself, so that `undefined` could not tell its none from this one's. */
export function optionOf(some: Codec, nested: boolean): Codec {
  return sum(
    [null, some],
    nested
      ? {
          caseOf: (value) => ['none', 'some'].indexOf(tagOf(value)),
          payloadOf: (value) => (value as { val?: unknown }).val,
          make: (i, val) => (i === 0 ? { tag: 'none' } : { tag: 'some', val }),
          expected: "an option { tag: 'some' | 'none', val }",
        }
      : {
          caseOf: (value) => (value === undefined ? 0 : 1),
          payloadOf: (value) => value,
          make: (_i, val) => val,
          expected: 'an option',
        },
  );
}

function tagOf(value: unknown): string {
  const tag = typeof value === 'object' && value !== null ? (value as { tag?: unknown }).tag : undefined;
  // No case has the name ''.
  return typeof tag === 'string' ? tag : '';
}

function sum(payloads: readonly (Codec | null)[], shape: Shape): Codec {
  const { size, alignment, flat, discriminantSize, payloadOffset } = variantLayout(payloads);
  const joined = flat === null ? [] : flat.slice(1);
  const flatCases = payloads.map((payload) => flatCase(payload, joined));

  const payloadAt = (discriminant: number): Codec | null => {
    const payload = payloads[discriminant];
    if (payload === undefined) {
      throw new Trap(`invalid discriminant ${discriminant}: there are ${payloads.length} cases`);
    }
    return payload;
  };
  const caseOf = (value: unknown): number => {
    const chosen = shape.caseOf(value);
    if (chosen < 0) {
      throw new ValueError(shape.expected, value);
    }
    return chosen;
  };

  return {
    size,
    alignment,
    flat,
    usesMemory: payloads.some((payload) => payload?.usesMemory === true),
    nodes: payloads.reduce((most, payload) => Math.max(most, 1 + (payload?.nodes ?? 0)), 1),
    load(cx, pointer) {
      const discriminant = loadDiscriminant(cx, pointer, discriminantSize);
      const payload = payloadAt(discriminant);
      return shape.make(discriminant, payload?.load(cx, pointer + payloadOffset));
    },
    store(cx, pointer, value) {
      const chosen = caseOf(value);
      storeDiscriminant(cx, pointer, discriminantSize, chosen);
      payloads[chosen]?.store(cx, pointer + payloadOffset, shape.payloadOf(value));
    },
    lift(cx, values, at) {
      const discriminant = Number(values[at]) >>> 0;
      const payload = payloadAt(discriminant);
      if (payload === null) {
        return shape.make(discriminant, undefined);
      }
      coerce(values, at + 1, flatCases[discriminant]?.narrow ?? []);
      return shape.make(discriminant, payload.lift(cx, values, at + 1));
    },
    lower(cx, value, values, at) {
      const chosen = caseOf(value);
      const { widen, length } = flatCases[chosen] as FlatCase;
      values[at] = chosen;
      payloads[chosen]?.lower(cx, shape.payloadOf(value), values, at + 1);
      coerce(values, at + 1, widen);
      for (let i = length; i < joined.length; i++) {
        values[at + 1 + i] = zeroOf(joined[i] as CoreType);
      }
    },
  };
}

interface FlatCase {
  /** How many of the joined values the case itself uses. */
  readonly length: number;
  /** By position; empty when the case's own types are the joined ones. */
  readonly narrow: readonly (Coercion | undefined)[];
  readonly widen: readonly (Coercion | undefined)[];
}

function flatCase(payload: Codec | null, joined: readonly CoreType[]): FlatCase {
  const own = payload?.flat ?? [];
  const coercions = (between: (own: CoreType, joined: CoreType) => Coercion | undefined) => {
    const found = own.map((type, i) => between(type, joined[i] as CoreType));
    return found.some((coercion) => coercion !== undefined) ? found : [];
  };
  // A type too wide to be flattened never takes the flat path.
  return joined.length === 0
    ? { length: 0, narrow: [], widen: [] }
    : { length: own.length, narrow: coercions((type, as) => narrowing(as, type)), widen: coercions(widening) };
}

function coerce(values: CoreValue[], at: number, coercions: readonly (Coercion | undefined)[]): void {
  for (let i = 0; i < coercions.length; i++) {
    const coercion = coercions[i];
    if (coercion !== undefined) {
      values[at + i] = coercion(values[at + i] as CoreValue);
    }
  }
}

function loadDiscriminant(cx: LiftLowerContext, pointer: number, size: 1 | 2 | 4): number {
  switch (size) {
    case 1:
      return cx.view.getUint8(pointer);
    case 2:
      return cx.view.getUint16(pointer, true);
    case 4:
      return cx.view.getUint32(pointer, true);
  }
}

function storeDiscriminant(cx: LiftLowerContext, pointer: number, size: 1 | 2 | 4, value: number): void {
  switch (size) {
    case 1:
      return cx.view.setUint8(pointer, value);
    case 2:
      return cx.view.setUint16(pointer, value, true);
    case 4:
      return cx.view.setUint32(pointer, value, true);
  }
}
