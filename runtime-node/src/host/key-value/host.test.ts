// The key-value interfaces, each with stores that answer at once and with stores that make the guest wait.
import { describe, expect, it } from 'vitest';
import { Trap } from '../../component/index.ts';
import { callHost } from '../testing/call-host.ts';
import { storeKinds, type FakeStores } from '../testing/fake-stores.ts';
import { keyValueV2 } from './host.ts';
import { keyValueV1 } from './legacy.ts';
import type { Bucket, Cas, Store } from './open-store.ts';
import { wasiAtomics, wasiBatch, wasiStore } from './wasi.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const ok = (val: unknown): object => ({ tag: 'ok', val });
const err = (val: unknown): object => ({ tag: 'err', val });

type Opened<T> = { readonly val: T };

type MakeStores = () => Promise<FakeStores>;

async function spin2(makeStores: MakeStores) {
  const { fake, access, declare } = await makeStores();
  const call = callHost(keyValueV2(access, declare), fake.guest);
  const open = async (label: string): Promise<Opened<Store>> => call('[static]store.open', label);
  return { call, open };
}

async function spin1(makeStores: MakeStores) {
  const { fake, access, declare } = await makeStores();
  const call = callHost(keyValueV1(access, declare), fake.guest);
  const open = async (label: string): Promise<Opened<number>> => call('open', label);
  return { call, open };
}

async function wasi(makeStores: MakeStores) {
  const { fake, access, declare } = await makeStores();
  const store = callHost(wasiStore(access, declare), fake.guest);
  const batch = callHost(wasiBatch(declare), fake.guest);
  const atomics = callHost(wasiAtomics(declare), fake.guest);
  const open = async (label: string): Promise<Opened<Bucket>> => store('open', label);
  const { val: bucket } = await open('default');
  return { store, batch, atomics, open, bucket };
}

describe.each(storeKinds)('stores that %s', (_kind, makeStores) => {
  describe('fermyon:spin/key-value@2.0.0', () => {
    it('opens the stores the component names and denies all others', async () => {
      const { open } = await spin2(makeStores);
      expect(await open('default')).toMatchObject({ tag: 'ok' });
      expect(await open('other')).toMatchObject({ tag: 'ok' });
      expect(await open('secret')).toEqual(err({ tag: 'access-denied' }));
      expect(await open('')).toEqual(err({ tag: 'access-denied' }));
    });

    // The answers that Spin itself gave to these calls in this order.
    it('answers as Spin does', async () => {
      const { call, open } = await spin2(makeStores);
      const { val: store } = await open('default');
      const answers: unknown[] = [];
      for (const [name, ...args] of [
        ['get-keys'],
        ['set', 'a', encode('1')],
        ['set', 'b', encode('')],
        ['set', '', encode('x')],
        ['get', 'a'],
        ['get', 'b'],
        ['get', 'none'],
        ['exists', 'a'],
        ['exists', 'none'],
        ['delete', 'a'],
        ['delete', 'a'],
        ['get-keys'],
      ] as const) {
        answers.push(await call(`[method]store.${name}`, store, ...args));
      }
      expect(answers).toEqual([
        ok([]),
        ok(undefined),
        ok(undefined),
        ok(undefined),
        ok(encode('1')),
        ok(encode('')),
        ok(undefined),
        ok(true),
        ok(false),
        ok(undefined),
        ok(undefined),
        ok(['', 'b']),
      ]);
    });

    it('holds 256 open stores at once', async () => {
      const { open } = await spin2(makeStores);
      const opened: Store[] = [];
      for (let count = 0; count < 256; count++) {
        opened.push((await open('default')).val);
      }
      expect(await open('default')).toEqual(err({ tag: 'store-table-full' }));
      opened.at(-1)?.[Symbol.dispose]();
      expect(await open('default')).toMatchObject({ tag: 'ok' });
      expect(await open('default')).toEqual(err({ tag: 'store-table-full' }));
    });
  });

  describe('fermyon:spin/key-value of Spin 1', () => {
    it('keeps stores by number', async () => {
      const { call, open } = await spin1(makeStores);
      const [first, second] = [(await open('default')).val, (await open('other')).val];
      expect(await call('set', first, 'k', encode('v'))).toEqual(ok(undefined));
      expect(await call('get', first, 'k')).toEqual(ok(encode('v')));
      expect(await call('exists', second, 'k')).toEqual(ok(false));
      expect(await call('get-keys', first)).toEqual(ok(['k']));
      expect(await call('delete', first, 'k')).toEqual(ok(undefined));
      expect(await call('get', first, 'k')).toEqual(err({ tag: 'no-such-key' }));
      expect(await open('secret')).toEqual(err({ tag: 'access-denied' }));
    });

    it('ends the guest that uses a store it has closed', async () => {
      const { call, open } = await spin1(makeStores);
      const { val: number } = await open('default');
      await call('close', number);
      expect(() => call('get', number, 'k')).toThrow(Trap);
      await call('close', number);
    });

    it('has room again when a store is closed', async () => {
      const { call, open } = await spin1(makeStores);
      const { val: first } = await open('default');
      for (let count = 1; count < 256; count++) {
        await open('default');
      }
      expect(await open('default')).toEqual(err({ tag: 'store-table-full' }));
      await call('close', first);
      expect(await open('default')).toMatchObject({ tag: 'ok' });
    });
  });

  describe('wasi:keyvalue', () => {
    it('reads, writes, deletes and lists', async () => {
      const { store, bucket } = await wasi(makeStores);
      const call = (name: string, ...args: unknown[]): unknown => store(`[method]bucket.${name}`, bucket, ...args);
      expect(await call('set', 'k', encode('v'))).toEqual(ok(undefined));
      expect(await call('get', 'k')).toEqual(ok(encode('v')));
      expect(await call('get', 'none')).toEqual(ok(undefined));
      expect(await call('exists', 'k')).toEqual(ok(true));
      expect(await call('list-keys', undefined)).toEqual(ok({ keys: ['k'], cursor: undefined }));
      expect(await call('list-keys', '1')).toEqual(err({ tag: 'other', val: 'list_keys: cursor not supported' }));
      expect(await call('delete', 'k')).toEqual(ok(undefined));
      expect(await call('exists', 'k')).toEqual(ok(false));
    });

    it('denies a label, and says that the table is full in its own words', async () => {
      const { open } = await wasi(makeStores);
      expect(await open('secret')).toEqual(err({ tag: 'access-denied' }));
      for (let count = 1; count < 256; count++) {
        await open('default');
      }
      expect(await open('default')).toEqual(err({ tag: 'other', val: 'store table full' }));
    });

    it('handles many at once', async () => {
      const { store, batch, bucket } = await wasi(makeStores);
      const pairs = [
        ['a', encode('1')],
        ['b', encode('2')],
      ];
      expect(await batch('set-many', bucket, pairs)).toEqual(ok(undefined));
      expect(await batch('get-many', bucket, ['b', 'none', 'a'])).toEqual(ok(pairs.toReversed()));
      expect(await batch('delete-many', bucket, ['a', 'none'])).toEqual(ok(undefined));
      expect(await store('[method]bucket.list-keys', bucket, undefined)).toEqual(
        ok({ keys: ['b'], cursor: undefined }),
      );
      expect(await batch('get-many', bucket, [])).toEqual(ok([]));
      expect(await batch('set-many', bucket, [])).toEqual(ok(undefined));
      expect(await batch('delete-many', bucket, [])).toEqual(ok(undefined));
    });

    it('takes 10,000 keys in one call and no more', async () => {
      const { batch, bucket } = await wasi(makeStores);
      const keys = Array.from({ length: 10_001 }, (_, index) => `k${index}`);
      const refused = err({ tag: 'other', val: 'too many keys in one call: 10001, at most 10000' });
      expect(await batch('get-many', bucket, keys)).toEqual(refused);
      expect(await batch('delete-many', bucket, keys)).toEqual(refused);
      expect(
        await batch(
          'set-many',
          bucket,
          keys.map((key) => [key, encode('v')]),
        ),
      ).toEqual(refused);
      expect(await batch('get-many', bucket, keys.slice(1))).toEqual(ok([]));
    });

    it('counts, and says what is not a number', async () => {
      const { store, atomics, bucket } = await wasi(makeStores);
      expect(await atomics('increment', bucket, 'n', 5n)).toEqual(ok(5n));
      expect(await atomics('increment', bucket, 'n', -8n)).toEqual(ok(-3n));
      await store('[method]bucket.set', bucket, 't', encode('text'));
      expect(await atomics('increment', bucket, 't', 1n)).toMatchObject(err({ tag: 'other' }));
    });

    it('swaps a value it has seen, and hands out one that has seen the new value when it was too late', async () => {
      const { store, atomics, bucket } = await wasi(makeStores);
      const set = (value: string): unknown => store('[method]bucket.set', bucket, 'k', encode(value));
      await set('1');
      const { val: cas } = (await atomics('[static]cas.new', bucket, 'k')) as Opened<Cas>;
      expect(await atomics('[method]cas.current', cas)).toEqual(ok(encode('1')));
      await set('2');
      const failed = (await atomics('swap', cas, encode('mine'))) as { val: { tag: string; val: Cas } };
      expect(failed).toMatchObject({ tag: 'err', val: { tag: 'cas-failed' } });
      expect(await store('[method]bucket.get', bucket, 'k')).toEqual(ok(encode('2')));
      expect(await atomics('swap', failed.val.val, encode('mine'))).toEqual(ok(undefined));
      expect(await store('[method]bucket.get', bucket, 'k')).toEqual(ok(encode('mine')));
    });

    it('holds 256 compare-and-swaps at once, not counting those that were used', async () => {
      const { atomics, bucket } = await wasi(makeStores);
      const make = async (): Promise<Opened<Cas>> => atomics('[static]cas.new', bucket, 'k');
      for (let count = 0; count < 300; count++) {
        expect(await atomics('swap', (await make()).val, encode('x'))).toEqual(ok(undefined));
      }
      for (let count = 0; count < 256; count++) {
        await make();
      }
      expect(await make()).toEqual(err({ tag: 'other', val: 'too many compare_and_swaps opened' }));
    });
  });
});
