import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueServing, makeAuthority } from '../certificates/issue.ts';
import { admissionApp, admissionServer } from './server.ts';
import { WEBHOOK_PATHS } from './review.ts';

type Served = ReturnType<typeof admissionServer>;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let server: Served;
let ca: string;

beforeAll(async () => {
  const now = new Date();
  const authority = await makeAuthority(now);
  ca = authority.cert;
  const app = admissionApp({ of: () => [], shared: new Map() });
  server = admissionServer(app, await issueServing(authority, ['localhost'], now));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  agent.destroy();
  server.close();
});

it('keeps a connection for longer than the API server leaves it idle, so that no request meets its end', async () => {
  const { port } = server.address() as AddressInfo;
  const sent = request({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca,
    agent,
    method: 'POST',
    path: WEBHOOK_PATHS.defaultExecutor,
  });
  sent.end('{}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.headers.connection).toBe('keep-alive');
  const seconds = Number(/timeout=(\d+)/.exec(String(response.headers['keep-alive']))?.[1]);
  // 90 seconds: the idle timeout of Go's transport.
  expect(seconds).toBeGreaterThan(90);
});
