// What every kind of key-value store does alike, for tests: `open` gives one with no keys in it.
import { expect, it } from 'vitest';
import { KeyValueError, type KeyValueStore } from '../backend.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

export interface Opened extends AsyncDisposable {
  readonly store: KeyValueStore;
}

export function storeSuite(open: () => Promise<Opened>): void {
  it('keeps, gives, replaces and forgets values', async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.get('k')).toBeUndefined();
    expect(await store.exists('k')).toBe(false);
    await store.set('k', encode('one'));
    await store.set('k', encode('two'));
    expect(text(await store.get('k'))).toBe('two');
    expect(await store.exists('k')).toBe(true);
    await store.delete('k');
    await store.delete('k');
    expect(await store.exists('k')).toBe(false);
  });

  it('keeps any bytes under any text', async () => {
    await using opened = await open();
    const { store } = opened;
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const key of ['ü', 'it\'s "quoted"', 'a b', 'a:b', '%2F', '*', 'x'.repeat(200)]) {
      await store.set(key, bytes);
      expect(Buffer.from((await store.get(key)) ?? [])).toEqual(Buffer.from(bytes));
    }
    await store.set('empty', new Uint8Array(0));
    expect((await store.get('empty'))?.length).toBe(0);
  });

  it('lists its keys, also when they come in pages', async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.keys()).toEqual([]);
    const keys = Array.from({ length: 20 }, (_, index) => `key ${String(index).padStart(2, '0')}`);
    for (const key of keys) {
      await store.set(key, encode('v'));
    }
    expect((await store.keys()).toSorted()).toEqual(keys);
  });

  it('reads, writes and forgets many at a time, each key once', async () => {
    await using opened = await open();
    const { store } = opened;
    const keys = Array.from({ length: 120 }, (_, index) => `k${index}`);
    await store.setMany([...keys.map((key) => [key, encode(`v ${key}`)] as const), ['k0', encode('last')]]);
    const found = new Map(await store.getMany([...keys, 'k1', 'none']));
    expect(found.size).toBe(120);
    expect(text(found.get('k0'))).toBe('last');
    expect(text(found.get('k119'))).toBe('v k119');
    await store.deleteMany([...keys.slice(1), 'k1', 'none']);
    expect(await store.keys()).toEqual(['k0']);
  });

  it('counts, whoever else counts', async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.increment('n', 5n)).toBe(5n);
    expect(await store.increment('n', -7n)).toBe(-2n);
    const sums = await Promise.all(Array.from({ length: 5 }, async () => store.increment('n', 1n)));
    expect(sums.toSorted((a, b) => Number(a - b))).toEqual([-1n, 0n, 1n, 2n, 3n]);
    await store.set('text', encode('no number'));
    await expect(async () => store.increment('text', 1n)).rejects.toThrow(KeyValueError);
  });

  it('swaps only what has not changed since it was seen', async () => {
    await using opened = await open();
    const { store } = opened;
    const blind = store.compareAndSwap('k');
    expect(await blind.swap(encode('blind'))).toBe(true);
    const one = store.compareAndSwap('k');
    const other = store.compareAndSwap('k');
    expect(text(await one.current())).toBe('blind');
    expect(text(await other.current())).toBe('blind');
    expect(await one.swap(encode('one'))).toBe(true);
    expect(await other.swap(encode('other'))).toBe(false);
    expect(text(await other.current())).toBe('one');
    expect(await other.swap(encode('other'))).toBe(true);
    expect(text(await store.get('k'))).toBe('other');
  });

  it('swaps nothing for something only while there is nothing', async () => {
    await using opened = await open();
    const { store } = opened;
    const [one, other] = [store.compareAndSwap('new'), store.compareAndSwap('new')];
    expect(await one.current()).toBeUndefined();
    expect(await other.current()).toBeUndefined();
    expect(await one.swap(encode('one'))).toBe(true);
    expect(await other.swap(encode('other'))).toBe(false);
    const gone = store.compareAndSwap('new');
    await gone.current();
    await store.delete('new');
    expect(await gone.swap(encode('gone'))).toBe(false);
    expect(await store.exists('new')).toBe(false);
  });
}
