// Small files that ask for much, and files that were damaged: one clear error or a plan, never anything else.
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import type { ComponentPlan } from '../plan.ts';
import { decodeComponent } from './index.ts';
import { planOf, wat } from './testing/wat.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const EMPTY = '(component $c0)';
const BAG = '(import "f" (func $f)) (instance $b0 (export "f" (func $f)))';

/** Each level holds the one before it twice. */
const doubledBags = (levels: number): string =>
  BAG +
  range(levels)
    .map((n) => `(instance $b${n + 1} (export "a" (instance $b${n})) (export "b" (instance $b${n})))`)
    .join('\n');

const doubledTypes = (levels: number): string =>
  `(type $t0 (instance (export "f" (func))))${range(levels)
    .map(
      (n) => `(type $t${n + 1} (instance (alias outer 1 $t${n} (type $x))
        (export "a" (instance (type $x))) (export "b" (instance (type $x)))))`,
    )
    .join('\n')}`;

describe('a small file that asks for much', () => {
  it.each([
    [
      'components that instantiate others twice',
      EMPTY +
        range(30)
          .map(
            (n) => `(component $c${n + 1}
              (alias outer 1 $c${n} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))`,
          )
          .join('\n') +
        '(instance (instantiate $c30))',
      'more than 1000 component instances',
    ],
    [
      'core modules instantiated too often',
      `(core module $m) ${range(1_001)
        .map(() => '(core instance (instantiate $m))')
        .join('\n')}`,
      'more than 1000 core instances',
    ],
    [
      'instances that hold others twice',
      `${doubledBags(40)} (export "x" (instance $b40))`,
      'more than 1000000 steps to put it together',
    ],
    [
      'instance types that hold others twice',
      `${doubledBags(40)} ${doubledTypes(40)} (export "x" (instance $b40) (instance (type $t40)))`,
      'more than 1000000 steps to put it together',
    ],
    [
      'tuples of the tuple before twice',
      `(type $t0 (tuple u8 u8)) ${range(40)
        .map((n) => `(type $t${n + 1} (tuple $t${n} $t${n}))`)
        .join('\n')}`,
      'more than 100000 nodes in one type',
    ],
    [
      'a list of lists without end',
      `(type $t0 (list u8)) ${range(200)
        .map((n) => `(type $t${n + 1} (list $t${n}))`)
        .join('\n')}`,
      'more than 100 levels in one type',
    ],
    [
      'instances within instances without end',
      `${BAG}${range(5_000)
        .map((n) => `(instance $b${n + 1} (export "a" (instance $b${n})))`)
        .join('\n')} (export "x" (instance $b5000))`,
      'more than 100 instances within each other',
    ],
    [
      'instance types within instance types without end',
      `${BAG}${range(5_000)
        .map((n) => `(instance $b${n + 1} (export "a" (instance $b${n})))`)
        .join('\n')}
       (type $t0 (instance (export "f" (func)))) ${range(5_000)
         .map((n) => `(type $t${n + 1} (instance (alias outer 1 $t${n} (type $x)) (export "a" (instance (type $x)))))`)
         .join('\n')} (export "x" (instance $b5000) (instance (type $t5000)))`,
      'more than 100 instances within each other',
    ],
    [
      'components that instantiate the one before without end',
      EMPTY +
        range(150)
          .map((n) => `(component $c${n + 1} (alias outer 1 $c${n} (component $c)) (instance (instantiate $c)))`)
          .join('\n') +
        '(instance (instantiate $c150))',
      'more than 100 instantiations within each other',
    ],
    [
      'a long name repeated for every function',
      `(import "${'n'.repeat(90_000)}" (instance $i ${range(2_000)
        .map((n) => `(export "f${n}" (func))`)
        .join(' ')})) (export "x" (instance $i))`,
      'more than 1000000 steps to put it together',
    ],
    [
      'a large type in a component instantiated often',
      `(component $c (type (record ${range(9_000)
        .map((n) => `(field "field-${n}" u8)`)
        .join(' ')}))) ${range(900)
        .map(() => '(instance (instantiate $c))')
        .join('\n')}`,
      'more than 1000000 steps to put it together',
    ],
  ])('is refused: %s', async (_, text, message) => {
    await expect(planOf(`(component ${text})`)).rejects.toThrow(`component too large: ${message}`);
  });
});

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
/** A section with its size in two bytes. */
const section = (id: number, body: readonly number[]): number[] => [
  id,
  (body.length & 0x7f) | 0x80,
  body.length >> 7,
  ...body,
];

describe('a file nested deeper than the text format can say', () => {
  it('is refused for its components', () => {
    let component = PREAMBLE;
    for (let depth = 0; depth < 101; depth += 1) {
      component = [...PREAMBLE, ...section(4, component)];
    }
    expect(() => decodeComponent(Uint8Array.from(component))).toThrow('more than 100 components within each other');
  });

  it.each([
    ['instance types', [0x42, 0x01, 0x01]],
    ['component types', [0x41, 0x01, 0x01]],
  ])('is refused for its %s', (_, open) => {
    const type = [...range(200).flatMap(() => open), 0x7f];
    const component = [...PREAMBLE, ...section(7, [1, ...type])];
    expect(() => decodeComponent(Uint8Array.from(component))).toThrow('more than 100 types within each other');
  });
});

/** Something of every kind of section. */
const SAMPLE = `(component $top
  (import "a:b/io@0.2.0" (instance $io
    (export "error" (type (sub resource)))
    (type $list (list u8))
    (export "[method]error.text" (func (param "self" (borrow 0)) (result $list)))))
  (alias export $io "error" (type $error))
  (core type $ct (func (param i32) (result i32)))
  (core type $mt (module (import "a" "b" (func)) (export "c" (memory 1)) (export "d" (global (mut i64)))))
  (type $rec (record (field "a" u8) (field "b" (option string))))
  (type $var (variant (case "x" $rec) (case "y")))
  (type $kind (component (import "x" (func)) (export "y" (instance (export "z" (type (sub resource)))))))
  (core module $m
    (import "env" "text" (func (param i32 i32)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "run") (param i32 i32) (result i32) unreachable))
  (core module $libc (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $text (canon lower (func $io "[method]error.text")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core instance $i (instantiate $m (with "env" (instance (export "text" (func $text))))))
  (type $own (resource (rep i32)))
  (core func (canon resource.new $own))
  (core func (canon resource.drop $error))
  (func $run (param "e" (borrow $error)) (param "f" u32) (result (result string (error $var)))
    (canon lift (core func $i "run") string-encoding=utf16
      (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (component $c
    (import "error" (type $e (sub resource)))
    (import "run" (func $run (param "e" (borrow $e)) (param "f" u32) (result (result string (error $var)))))
    (export "run" (func $run)))
  (instance $inner (instantiate $c (with "error" (type $error)) (with "run" (func $run))))
  (instance $bag (export "inner" (instance $inner)))
  (export "a:b/run@0.2.0" (instance $inner))
  (@custom "producers" "\\00")
  (export "bag" (instance $bag)))`;

/** A plan, or the reason why there is none; anything else is thrown on. */
function decode(bytes: Uint8Array): ComponentPlan | UserError {
  try {
    return decodeComponent(bytes);
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
}

/** What is wrong with an answer: an error without place or remedy, a plan with an index of nothing. */
function faultsOf(answer: ComponentPlan | UserError): unknown[] {
  if (answer instanceof UserError) {
    return /^byte \d+$/.test(answer.place.field ?? '') && answer.remedy?.endsWith('.') === true ? [] : [answer];
  }
  const steps = answer.steps.filter(
    (step, index) =>
      answer.modules[step.module] === undefined ||
      Object.values(step.imports)
        .flatMap((fields) => Object.values(fields))
        .some((ref) => (ref.from === 'instance' ? ref.instance >= index : ref.trampoline >= answer.trampolines.length)),
  );
  const lifts = answer.lifts.filter(
    ({ instance, type }) => instance >= answer.instanceCount || answer.funcTypes[type] === undefined,
  );
  return [...steps, ...lifts];
}

describe('a damaged file', () => {
  let sample: Uint8Array;
  let guest: Uint8Array;
  /** Offsets of the guest that are not within a core module, whose bodies are not for us to read. */
  let ours: readonly number[];

  beforeAll(async () => {
    sample = await wat(SAMPLE);
    guest = await fixture('rhello');
    const { modules } = decodeComponent(guest);
    ours = range(guest.length).filter(
      (offset) => !modules.some((module) => offset >= module.offset && offset < module.offset + module.length),
    );
  });

  it('is what the rest of these tests begin with when whole', () => {
    expect(decode(sample)).toMatchObject({ instanceCount: 2, steps: [{}, {}], exports: { bag: {} } });
    expect(ours.length).toBeGreaterThan(5_000);
  });

  it('cut at any byte gives an error with its place, or the plan of what is left', () => {
    for (const length of range(sample.length)) {
      expect(faultsOf(decode(sample.subarray(0, length)))).toEqual([]);
    }
  });

  it('cut within a section never passes for whole', () => {
    expect(decode(sample.subarray(0, sample.length - 1))).toBeInstanceOf(UserError);
    expect(decode(guest.subarray(0, guest.length >> 1))).toBeInstanceOf(UserError);
  });

  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });

  it('with some bytes changed gives an error or a sound plan', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = sample.slice();
        for (const { at, byte } of changes) {
          bytes[8 + (at % (bytes.length - 8))] = byte;
        }
        expect(faultsOf(decode(bytes))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('that is a real guest with some bytes changed gives an error or a sound plan', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = guest.slice();
        for (const { at, byte } of changes) {
          bytes[ours[at % ours.length] ?? 8] = byte;
        }
        expect(faultsOf(decode(bytes))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('of random bytes behind a good beginning gives an error or a sound plan', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        expect(faultsOf(decode(Uint8Array.from([...sample.subarray(0, 8), ...tail])))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
