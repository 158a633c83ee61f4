import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { bundleData, readBundle, renewalTime, renewed, type Bundle } from './bundle.ts';

const NAMES = ['spindle-webhooks.spindle.svc', 'localhost'];
const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00Z');
const after = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

it('what was made is kept until a third of its life is left', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  expect(await renewed(made, NAMES, after(59))).toBe(made);
  expect((await renewed(made, NAMES, after(61))).serving).not.toEqual(made.serving);
  expect(renewalTime(made).getTime()).toBeGreaterThan(after(59).getTime());
});

it('a new serving certificate is of the same authority, so that nobody has to be told', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  const next = await renewed(made, NAMES, after(61));
  expect(next.trusted).toBe(made.trusted);
  expect(new X509Certificate(next.serving.cert).verify(new X509Certificate(made.authority.cert).publicKey)).toBe(true);
});

it('a new authority is trusted beside the old one', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  const next = await renewed(made, NAMES, after(3000));
  expect(next.trusted).toContain(made.authority.cert);
  expect(next.trusted).toContain(next.authority.cert);
});

it('an authority whose time is over is not trusted any more', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  expect((await renewed(made, NAMES, after(4000))).trusted).not.toContain(made.authority.cert);
});

it('another name gives another certificate', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  const next = await renewed(made, ['elsewhere.svc'], NOW);
  expect(new X509Certificate(next.serving.cert).checkHost('elsewhere.svc')).toBe('elsewhere.svc');
});

it('what the Secret holds is read back', async () => {
  const made = await renewed(undefined, NAMES, NOW);
  expect(readBundle(bundleData(made))).toEqual(made);
});

it.each(['tls.crt', 'tls.key', 'ca.crt', 'ca.key', 'ca-signing.crt'])(
  'a Secret without %s is made anew',
  async (key) => {
    const data = bundleData(await renewed(undefined, NAMES, NOW));
    expect(readBundle({ ...data, [key]: Buffer.from('garbage').toString('base64') })).toBeUndefined();
  },
);

it('a client that trusts the bundle talks to a server that has the certificate', async () => {
  const made: Bundle = await renewed(undefined, ['localhost', '127.0.0.1'], new Date());
  const server = createServer(made.serving, (_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = request({ host: '127.0.0.1', port, ca: made.trusted, agent: false });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
  server.closeAllConnections();
  server.close();
});
