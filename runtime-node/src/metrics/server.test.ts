import { expect, it, onTestFinished } from 'vitest';
import { serveMetrics } from './server.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };

it('answers /metrics with what there is at that moment, and nothing else', async () => {
  let scrapes = 0;
  const server = await serveMetrics(LOCAL, async () => ({ contentType: 'text/x', text: `${(scrapes += 1)}\n` }));
  onTestFinished(() => server.close());
  const base = `http://127.0.0.1:${server.address.port}`;
  const first = await fetch(`${base}/metrics`);
  expect([first.status, first.headers.get('content-type'), await first.text()]).toEqual([200, 'text/x', '1\n']);
  expect(await (await fetch(`${base}/metrics?x=1`)).text()).toBe('2\n');
  expect((await fetch(`${base}/`)).status).toBe(404);
  expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(405);
});

it('answers a scrape that fails with the reason', async () => {
  const server = await serveMetrics(LOCAL, () => Promise.reject(new Error('no counts')));
  onTestFinished(() => server.close());
  const response = await fetch(`http://127.0.0.1:${server.address.port}/metrics`);
  expect([response.status, await response.text()]).toEqual([500, 'no counts']);
});

it('names an address that is taken', async () => {
  const first = await serveMetrics(LOCAL, () => Promise.reject(new Error('unused')));
  onTestFinished(() => first.close());
  await expect(serveMetrics(first.address, () => Promise.reject(new Error('unused')))).rejects.toThrow(
    `cannot serve metrics on 127.0.0.1:${first.address.port}`,
  );
});
