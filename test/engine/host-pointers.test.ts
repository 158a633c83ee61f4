// Addresses and lengths that a guest gives to the host: none is used unchecked, also where the memory has shrunk and
// what lies behind the guest's end is closed, so that touching it from the host would end the process.
import { describe, expect, it } from 'vitest';
import { plain, type HostFunction, type HostInterfaces } from '../../runtime-node/src/component/index.ts';
import { place } from '../../runtime-node/src/host/core-memory.ts';
import { engineOf, modesHere, prepareWat } from './engines.ts';
import { outcomeOf } from './outcome.ts';

/** Grows when told to, and calls one host function with addresses that it was given. */
const POINTER = `(component
  (import "test:host/x" (instance $x
    (export "take" (func (param "s" string)))
    (export "take-list" (func (param "l" (list u64))))
    (export "give" (func (result string)))
    (export "pair" (func (result (tuple u64 u64))))
    (export "core-read" (func (param "s" string)))
    (export "core-write" (func (result (tuple u64 u64))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $at (export "at") (mut i32) (i32.const 1024))
    (func (export "grow") (param i32) (drop (memory.grow (local.get 0))))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (global.get $at)))
  (core instance $memory (instantiate $memory))
  (core func $take (canon lower (func $x "take") (memory (core memory $memory "memory"))))
  (core func $take-list (canon lower (func $x "take-list") (memory (core memory $memory "memory"))))
  (core func $give (canon lower (func $x "give") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $pair (canon lower (func $x "pair") (memory (core memory $memory "memory"))))
  (core func $core-read (canon lower (func $x "core-read") (memory (core memory $memory "memory"))))
  (core func $core-write (canon lower (func $x "core-write") (memory (core memory $memory "memory"))))
  (core module $m
    (import "x" "take" (func $take (param i32 i32)))
    (import "x" "take-list" (func $take-list (param i32 i32)))
    (import "x" "give" (func $give (param i32)))
    (import "x" "pair" (func $pair (param i32)))
    (import "x" "core-read" (func $core-read (param i32 i32)))
    (import "x" "core-write" (func $core-write (param i32)))
    (import "memory" "grow" (func $grow (param i32)))
    (import "memory" "at" (global $at (mut i32)))
    (func (export "run") (param $kind i32) (param $pages i32) (param $at i32) (param $length i32)
      (call $grow (local.get $pages))
      (if (i32.eq (local.get $kind) (i32.const 0)) (then (call $take (local.get $at) (local.get $length))))
      (if (i32.eq (local.get $kind) (i32.const 1)) (then (call $take-list (local.get $at) (local.get $length))))
      (if (i32.eq (local.get $kind) (i32.const 2)) (then (call $give (local.get $at))))
      (if (i32.eq (local.get $kind) (i32.const 3)) (then (global.set $at (local.get $at)) (call $give (i32.const 8))))
      (if (i32.eq (local.get $kind) (i32.const 4)) (then (call $pair (local.get $at))))
      (if (i32.eq (local.get $kind) (i32.const 5)) (then (call $core-read (local.get $at) (local.get $length))))
      (if (i32.eq (local.get $kind) (i32.const 6)) (then (call $core-write (local.get $at))))))
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "x" (instance
      (export "take" (func $take)) (export "take-list" (func $take-list)) (export "give" (func $give))
      (export "pair" (func $pair)) (export "core-read" (func $core-read)) (export "core-write" (func $core-write))))))
  (func (export "run") (param "kind" u32) (param "pages" u32) (param "at" u32) (param "length" u32)
    (canon lift (core func $i "run"))))`;

const KINDS = [
  'a string',
  'a list',
  'where a result goes',
  'realloc',
  'where a tuple goes',
  'core string',
  'core result',
];

const core = (make: NonNullable<HostFunction<object>['core']>): HostFunction<object> => ({
  call: () => undefined,
  waits: false,
  core: make,
});

const interfaces: HostInterfaces<object> = new Map([
  [
    'test:host/x',
    {
      functions: {
        take: plain(() => undefined),
        'take-list': plain(() => undefined),
        give: plain(() => 'twelve bytes'),
        pair: plain(() => [1n, 2n]),
        'core-read': core((_guest, binding) => (at: number, length: number) => void binding.readString(at, length)),
        'core-write': core((_guest, binding) => (at: number) => {
          const start = place(binding, at, { size: 16, align: 8 });
          binding.view.setBigUint64(start + 8, 2n, true);
          binding.bytes[start] = 1;
        }),
      },
      resources: {},
    },
  ],
]);

const PAGE = 65_536;

/** In order: the first request has three pages, those after it one. All behind the end of one page. */
const BEHIND: readonly (readonly [at: number, length: number])[] = [
  [PAGE - 4, 8],
  [PAGE, 8],
  [2 * PAGE, 8],
  [3 * PAGE - 16, 8],
  [3 * PAGE - 16, 0xffff_ffff],
  [0xffff_fff8, 16],
];

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it.each(KINDS.map((name, kind) => [name, kind] as const))(
    'an address behind the end of a memory that has shrunk is a trap: %s',
    async (_name, kind) => {
      using engine = engineOf(await prepareWat(POINTER), { mode, interfaces });
      expect(engine.linked.reset.mode).toBe(mode);
      const ask = (pages: number, at: number, length: number): string => {
        const instance = engine.linked.instantiate({}, 'plain');
        const outcome = outcomeOf(() => instance.call('', 'run', [kind, pages, at, length]));
        instance.release();
        return 'trap' in outcome ? 'trap' : 'answered';
      };
      for (const [at, length] of BEHIND) {
        expect(ask(2, 3 * PAGE - 16, 2)).toBe('answered');
        expect([at, length, ask(0, at, length)]).toEqual([at, length, 'trap']);
        expect(ask(0, 2048, 2)).toBe('answered');
      }
      expect(engine.watch.differences).toBe(0);
    },
  );
});
