// Guests of older Spins through the HTTP trigger: core modules as they are, of the SDK of today, of 2023 and of Spin 1.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask } from './client.ts';
import { serveComponents, serveGuest, type ServedGuest } from './serve-guest.ts';

const ROUTES = [
  ['s2-module', '/...'],
  ['shello-module', '/today/...'],
  ['spin1-http-module', '/spin1/...'],
] as const;

describe('a core module', () => {
  let served: ServedGuest;

  beforeAll(async () => {
    const components = ROUTES.map(async ([id, route]) => ({ id, route, source: await fixturePath(id) }));
    served = await serveComponents(await Promise.all(components), {
      application: '[variables]\ngreeting = { default = "hello" }',
      component: 'key_value_stores = ["default"]\nvariables = { greeting = "{{ greeting }}" }',
    });
  });

  afterAll(() => served?.stop());

  it('of the SDK of today is served', async () => {
    expect((await ask(served.port, '/today/')).status).toBe(200);
  });

  it('of October 2023 is served, bodies as they come', async () => {
    expect((await ask(served.port, '/x')).body).toBe('hello /x\n');
    const body = 'spindle '.repeat(50_000);
    expect((await ask(served.port, '/echo', { method: 'POST', body })).body).toBe(body);
    expect((await ask(served.port, '/view', { headers: { 'x-a': '1' } })).body).toContain('x-a: 1\n');
    expect((await ask(served.port, '/trap')).status).toBe(500);
  });

  it('of Spin 1 is served, whole', async () => {
    const { port } = served;
    expect(await ask(port, '/spin1/a?b=1')).toMatchObject({
      status: 200,
      headers: { 'x-uri': '/spin1/a?b=1', 'content-length': '5' },
      body: 'hello',
    });
    expect((await ask(port, '/spin1/a', { method: 'POST', body: 'kept' })).status).toBe(201);
    expect((await ask(port, '/spin1/a')).body).toBe('kept');
    expect(await ask(port, '/spin1/a', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await ask(port, '/spin1/a', { method: 'TRACE' })).status).toBe(405);
    expect(served.output()).toContain('called');
  });
});

it('a command is no handler', async () => {
  await expect(serveGuest('rcommand-module')).rejects.toThrow('wasi:cli/run@0.2');
});
