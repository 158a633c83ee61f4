// Ways in which bytes come to harm: flipped bits, other values, bytes lost or repeated, an end too early.
import * as fc from 'fast-check';

/** One thing that happens; `place` is a share of the length, so that it fits whatever is damaged. */
export type Damage =
  | { readonly kind: 'flip'; readonly place: number; readonly bit: number }
  | { readonly kind: 'set'; readonly place: number; readonly value: number }
  | { readonly kind: 'end'; readonly place: number }
  | { readonly kind: 'splice'; readonly place: number; readonly lose: number; readonly gain: readonly number[] };

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const byte = fc.nat(255);

const once: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('flip'), place, bit: fc.nat(7) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set'), place, value: byte }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end'), place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('splice'),
      place,
      lose: fc.nat(6),
      gain: fc.array(byte, { maxLength: 6 }),
    }),
  },
);

export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(once, { minLength: 1, maxLength: 3 });

export const damaged = (bytes: Uint8Array, all: readonly Damage[]): Uint8Array<ArrayBuffer> =>
  all.reduce(happened, Uint8Array.from(bytes));

function happened(bytes: Uint8Array<ArrayBuffer>, damage: Damage): Uint8Array<ArrayBuffer> {
  const at = Math.floor(damage.place * bytes.length);
  if (at >= bytes.length) {
    return bytes; // there is nothing left to harm
  }
  switch (damage.kind) {
    case 'flip':
      return bytes.with(at, (bytes[at] ?? 0) ^ (1 << damage.bit)) as Uint8Array<ArrayBuffer>;
    case 'set':
      return bytes.with(at, damage.value) as Uint8Array<ArrayBuffer>;
    case 'end':
      return bytes.slice(0, at);
    case 'splice':
      return Uint8Array.from([...bytes.subarray(0, at), ...damage.gain, ...bytes.subarray(at + damage.lose)]);
  }
}
