import { VariableError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp, fakeResolver } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { variables } from './index.ts';

const V2 = 'fermyon:spin/variables@2.0.0';
const V1 = 'fermyon:spin/config';

async function caller(name: string, values: Parameters<typeof fakeResolver>[0]): Promise<CallHost> {
  const { guest, component } = fakeGuest();
  const state = await variables.open(undefined, fakeApp({ variables: fakeResolver(values) }));
  return callHost(variables.bind(state, component).get(name), guest);
}

describe('variables', () => {
  it('binds what it announces', async () => {
    const state = await variables.open(undefined, fakeApp());
    expect([...variables.bind(state, fakeGuest().component).keys()]).toEqual([...variables.interfaces]);
  });

  it.each([
    [V2, 'get'],
    [V1, 'get-config'],
  ])('answers at once through %s when no provider waits', async (name, get) => {
    const call = await caller(name, { greeting: 'hello' });
    expect(call(get, 'greeting')).toEqual({ tag: 'ok', val: 'hello' });
  });

  it('waits for a provider that has to ask elsewhere', async () => {
    const call = await caller(V2, { greeting: Promise.resolve('late') });
    const answer = call('get', 'greeting');
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toEqual({ tag: 'ok', val: 'late' });
  });

  it.each([
    ['invalid-name', 'invalid-name', 'invalid-key'],
    ['undefined', 'undefined', 'provider'],
    ['provider', 'provider', 'other'],
    ['other', 'other', 'other'],
  ] as const)('says %s as %s in version 2 and as %s in version 1', async (kind, v2, v1) => {
    const values = { x: new VariableError(kind, 'the reason') };
    expect((await caller(V2, values))('get', 'x')).toEqual({ tag: 'err', val: { tag: v2, val: 'the reason' } });
    expect((await caller(V1, values))('get-config', 'x')).toEqual({ tag: 'err', val: { tag: v1, val: 'the reason' } });
  });

  it('gives the failure of a provider that waited', async () => {
    const late = Promise.reject(new VariableError('provider', 'vault is sealed'));
    const call = await caller(V2, { x: late });
    expect(await call('get', 'x')).toEqual({ tag: 'err', val: { tag: 'provider', val: 'vault is sealed' } });
  });

  it('does not hide a defect from the runtime', async () => {
    const call = await caller(V2, { x: new TypeError('a defect') });
    expect(() => call('get', 'x')).toThrow('a defect');
  });
});
