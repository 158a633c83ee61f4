import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeComponent, fakeGuest } from '../testing/fake-guest.ts';
import { keyValue, setInitialKeyValues } from './index.ts';
import type { Store } from './open-store.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const using = (id: string, ...labels: string[]) => fakeComponent({ id, metadata: { key_value_stores: labels } });

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spindle-kv-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function openStores(raw: Record<string, unknown>, app: Parameters<typeof fakeApp>[0]) {
  return keyValue.open(keyValue.parse(raw), fakeApp({ stateDir: directory, configDir: directory, ...app }));
}

describe('the stores of an app', () => {
  it('are not made when no component names one', async () => {
    const stores = await openStores({ key_value_store: { x: { type: 'spin', path: 'x.db' } } }, {});
    await keyValue.close?.(stores);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('keep the default store in the state directory', async () => {
    const component = using('c', 'default');
    const stores = await openStores({}, { components: [component] });
    expect(existsSync(join(directory, 'sqlite_key_value.db'))).toBe(true);
    expect(stores.allowed(component, 'default')?.summary).toContain('sqlite_key_value.db');
    await keyValue.close?.(stores);
  });

  it('keep the default store in memory without a state directory', async () => {
    const component = using('c', 'default');
    const stores = await openStores({}, { components: [component], stateDir: undefined });
    expect(stores.allowed(component, 'default')?.summary).toBe('a temporary in-memory store');
    await keyValue.close?.(stores);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('are where the runtime configuration says, the default one too', async () => {
    const raw = {
      key_value_store: { default: { type: 'spin', path: 'own.db' }, b: { type: 'spin', path: 'sub/b.db' } },
    };
    const stores = await openStores(raw, { components: [using('c', 'default', 'b')] });
    expect(readdirSync(directory).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(['own.db', 'sub']);
    expect(existsSync(join(directory, 'sub/b.db'))).toBe(true);
    await keyValue.close?.(stores);
  });

  it('leave nothing but the file when they are closed', async () => {
    const stores = await openStores({}, { components: [using('c', 'default')] });
    await keyValue.close?.(stores);
    expect(readdirSync(directory)).toEqual(['sqlite_key_value.db']);
  });

  it('must all be known, and are closed again when one is not', async () => {
    const components = [using('a', 'default'), using('b', 'default', 'cache')];
    const error = await openStores({}, { components }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: 'unknown key_value_stores label "cache" for component "b"',
      place: { field: 'component.b.key_value_stores' },
      remedy: expect.stringContaining('[key_value_store.cache]'),
    });
    expect(readdirSync(directory)).toEqual(['sqlite_key_value.db']);
  });

  it('are each for the components that name them', async () => {
    const [a, b] = [using('a', 'default'), using('b', 'other')];
    const raw = { key_value_store: { other: { type: 'spin' } } };
    const stores = await openStores(raw, { components: [a, b] });
    expect(stores.allowed(a, 'default')).toBeDefined();
    expect(stores.allowed(a, 'other')).toBeUndefined();
    expect(stores.allowed(b, 'default')).toBeUndefined();
    await keyValue.close?.(stores);
  });
});

describe('initial values', () => {
  it('are in the default store before a guest asks, and replace what is there', async () => {
    const { guest, component } = fakeGuest({ metadata: { key_value_stores: ['default'] } });
    const stores = await openStores({}, { components: [component] });
    await setInitialKeyValues(stores, [
      ['greeting', 'hello'],
      ['name', ''],
    ]);
    await setInitialKeyValues(stores, new Map([['greeting', 'hallo']]));
    const call = callHost(keyValue.bind(stores, component).get('fermyon:spin/key-value@2.0.0'), guest);
    const { val: store } = call<{ val: Store }>('[static]store.open', 'default');
    expect(call('[method]store.get', store, 'greeting')).toEqual({ tag: 'ok', val: encode('hallo') });
    expect(call('[method]store.get', store, 'name')).toEqual({ tag: 'ok', val: new Uint8Array(0) });
    await keyValue.close?.(stores);
  });

  it('are set though no component names the store, and no file is made when there are none', async () => {
    const stores = await openStores({}, {});
    await setInitialKeyValues(stores, []);
    expect(readdirSync(directory)).toEqual([]);
    await setInitialKeyValues(stores, [['k', 'v']]);
    await keyValue.close?.(stores);
    expect(readdirSync(directory)).toEqual(['sqlite_key_value.db']);
  });
});

describe('the capability', () => {
  it('binds what it announces, and nothing waits for stores that answer at once', async () => {
    const component = using('c', 'default');
    const stores = await openStores({}, { components: [component], stateDir: undefined });
    const bound = keyValue.bind(stores, component);
    expect([...bound.keys()]).toEqual([...keyValue.interfaces]);
    const functions = [...bound.values()].flatMap((hostInterface) => Object.values(hostInterface.functions));
    expect(functions.filter(({ waits }) => waits)).toEqual([]);
    await keyValue.close?.(stores);
  });
});
