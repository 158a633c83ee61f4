import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { healthServer } from './health-server.ts';

let problem: string | undefined;
const server = healthServer({}, { caches: () => problem });

afterEach(() => {
  problem = undefined;
});

async function get(path: string, method = 'GET'): Promise<{ readonly status: number; readonly body: string }> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
  }
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
  return { status: response.status, body: await response.text() };
}

it('says ok, as Kubernetes’ own servers do', async () => {
  expect(await get('/healthz')).toEqual({ status: 200, body: 'ok' });
  expect(await get('/readyz')).toEqual({ status: 200, body: 'ok' });
  expect((await get('/readyz?verbose')).body).toBe('[+]ping ok\n[+]caches ok\n');
});

it('names what is not ready, and is alive all the same', async () => {
  problem = 'not everything has been read yet';
  expect(await get('/readyz')).toEqual({
    status: 500,
    body: '[+]ping ok\n[-]caches failed: not everything has been read yet\n',
  });
  expect((await get('/healthz')).status).toBe(200);
});

it('knows nothing else', async () => {
  expect((await get('/metrics')).status).toBe(404);
  expect((await get('/readyz', 'POST')).status).toBe(404);
});
