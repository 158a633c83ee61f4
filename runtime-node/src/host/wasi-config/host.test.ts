import { VariableError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp, fakeResolver } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { wasiConfig } from './index.ts';

async function caller(values: Parameters<typeof fakeResolver>[0]): Promise<CallHost> {
  const { guest, component } = fakeGuest();
  const state = await wasiConfig.open(undefined, fakeApp({ variables: fakeResolver(values) }));
  const bound = wasiConfig.bind(state, component);
  expect([...bound.keys()]).toEqual([...wasiConfig.interfaces]);
  return callHost(bound.get('wasi:config/store@0.2.0-draft-2024-09-27'), guest);
}

describe('wasi:config/store', () => {
  it('gives a value at once, or when it has come', async () => {
    const call = await caller({ now: 'a', later: Promise.resolve('b') });
    expect(call('get', 'now')).toEqual({ tag: 'ok', val: 'a' });
    expect(await call('get', 'later')).toEqual({ tag: 'ok', val: 'b' });
  });

  it.each(['undefined', 'invalid-name'] as const)('gives none for a name that is %s', async (kind) => {
    const error = new VariableError(kind, 'no');
    const call = await caller({ x: error, y: Promise.reject(error) });
    expect(call('get', 'x')).toEqual({ tag: 'ok', val: undefined });
    expect(await call('get', 'y')).toEqual({ tag: 'ok', val: undefined });
  });

  it('says why a provider failed', async () => {
    const error = new VariableError('provider', 'vault is sealed');
    const call = await caller({ x: error, y: Promise.reject(error) });
    const answer = { tag: 'err', val: { tag: 'upstream', val: 'vault is sealed' } };
    expect(call('get', 'x')).toEqual(answer);
    expect(await call('get', 'y')).toEqual(answer);
    expect(await call('get-all')).toEqual(answer);
  });

  it('gives all variables of the component', async () => {
    const call = await caller({ a: '1', b: Promise.resolve('2') });
    expect(await call('get-all')).toEqual({
      tag: 'ok',
      val: [
        ['a', '1'],
        ['b', '2'],
      ],
    });
  });

  it('does not hide a defect from the runtime', async () => {
    const call = await caller({ x: new TypeError('a defect') });
    expect(() => call('get', 'x')).toThrow('a defect');
    await expect(call('get-all')).rejects.toThrow('a defect');
  });
});
