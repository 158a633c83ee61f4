// Allocators of 2022 that call the host: they are answered in place of it, and the handler itself is not.
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { fakeGuest, type FakeGuestOptions } from '../../host/testing/fake-guest.ts';
import { realGuest } from '../../host/testing/real-guest.ts';
import { wat } from '../decode/testing/wat.ts';
import { append, nextIndices } from './append.ts';
import { guardAllocator } from './guard.ts';
import { toComponent } from './index.ts';
import { readSections } from './sections.ts';

const WORLD: FakeGuestOptions = {
  env: { A: '1', B: '2' },
  mounts: [{ guestPath: '/', hostPath: tmpdir(), writable: false }],
};

/** `call` leaves what was learnt on the stack; the handler answers with 200 and how much it and the allocator learnt. */
const probing = (name: string, type: string, call: string): string => `(module
  (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "${name}" (func $f ${type} (result i32)))
  (memory (export "memory") 16)
  (global $free (mut i32) (i32.const 65536))
  (global $learnt (mut i32) (i32.const 99))
  (func $probe (result i32) (i32.store (i32.const 100) (i32.const 0)) ${call})
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $learnt (call $probe))
    (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get 3))))
  (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store16 (i32.const 192) (i32.add (i32.const 200) (i32.add
      (i32.mul (i32.const 10) (i32.ne (call $probe) (i32.const 0)))
      (i32.ne (global.get $learnt) (i32.const 0)))))
    (i32.const 192)))`;

async function status(module: Uint8Array): Promise<unknown> {
  await using guest = await realGuest(await toComponent(module), WORLD);
  const instance = guest.linked.instantiate(fakeGuest(WORLD).guest, 'suspending');
  const request = { method: 'get', uri: '/', headers: [], params: [], body: new Uint8Array(0) };
  const answer = (await instance.call('fermyon:spin/inbound-http', 'handle-request', [request])) as { status: number };
  instance.dispose();
  return answer.status;
}

describe('an allocator that calls', () => {
  it.each([
    [
      'environ_sizes_get',
      '(param i32 i32)',
      '(drop (call $f (i32.const 100) (i32.const 104))) (i32.load (i32.const 100))',
    ],
    ['environ_get', '(param i32 i32)', '(drop (call $f (i32.const 100) (i32.const 120))) (i32.load (i32.const 100))'],
    [
      'clock_time_get',
      '(param i32 i64 i32)',
      '(drop (call $f (i32.const 0) (i64.const 0) (i32.const 100))) (i32.load (i32.const 100))',
    ],
  ])('%s learns nothing, and the handler all', async (name, type, call) => {
    expect(await status(await wat(probing(name, type, call)))).toBe(210);
  });

  it('fd_prestat_get finds no folders, and the handler does', async () => {
    // The error code is what is learnt: none in the handler.
    const text = probing('fd_prestat_get', '(param i32 i32)', '(call $f (i32.const 3) (i32.const 104))');
    expect(await status(await wat(text))).toBe(201);
  });
});

it('a module that asks the host for nothing is left as it is', async () => {
  expect(guardAllocator(readSections(await fixture('spin1-http-module')), 'canonical_abi_realloc')).toBeUndefined();
});

describe('functions and globals behind those of a module', () => {
  it.each([
    '(module (func (export "a")))',
    '(module (global i32 (i32.const 1)) (func (export "a")))',
    '(module (import "m" "f" (func)) (table 1 funcref) (memory 1) (func (export "a")) (elem (i32.const 0) 0) (data (i32.const 0) "x"))',
  ])('are where they were said to go: %s', async (text) => {
    const module = readSections(await wat(text));
    const { func, global } = nextIndices(module);
    const signature = { params: [], results: [0x7f] };
    const bytes = append(module, 1, [{ signature, body: [0x23, global], exported: 'b' }]);
    expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
    const target = readSections(bytes).exports.find(({ name }) => name === 'b')?.target;
    expect(bytes[(target?.start ?? 0) + 1]).toBe(func);
  });
});
