// A TypeScript application made with Spin's own tools: a router on the fetch event, Spin's interfaces imported by name.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuest('jsspin', {
    application: '[variables]\nsubject = { default = "world" }',
    component: 'key_value_stores = ["default"]\n[component.jsspin.variables]\ngreeting = "hello {{ subject }}"',
  });
});

afterAll(() => served?.stop());

describe('an application of the Spin SDK for JavaScript', () => {
  it.each([
    ['/', 'Hello from Spin JS!\n'],
    ['/hello/someone', 'Hello, someone!\n'],
    ['/var/greeting', 'hello world\n'],
    ['/store/default', 'opened\n'],
  ])('answers %s', async (path, body) => {
    expect(await ask(served.port, path)).toMatchObject({ status: 200, body });
  });

  it('echoes a body', async () => {
    expect((await ask(served.port, '/echo', { method: 'POST', body: 'a body' })).body).toBe('a body');
  });

  it('keeps values from one request to the next', async () => {
    expect(await ask(served.port, '/kv/k', { method: 'PUT', body: 'caf\u00e9' })).toMatchObject({ status: 204 });
    expect(await ask(served.port, '/kv/k')).toMatchObject({ status: 200, body: 'caf\u00e9' });
    expect(await ask(served.port, '/kv/k', { method: 'DELETE' })).toMatchObject({ status: 204, body: '' });
  });

  it('gets the error of a host call as an exception', async () => {
    expect((await ask(served.port, '/store/other')).status).toBe(500);
    expect(served.output()).toContain('error.payload');
  });
});
