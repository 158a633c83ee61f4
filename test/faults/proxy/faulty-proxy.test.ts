// The proxy by itself, before an API server that is a plain HTTPS server here.
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { selfSigned } from '../../certificates/self-signed.ts';
import { startFaultyProxy, type FaultyProxy } from './faulty-proxy.ts';
import type { Fault } from './types.ts';

interface Setup {
  readonly proxy: FaultyProxy;
  readonly agent: Agent;
  /** What the API server got, e.g. `PATCH /apps/v1`. */
  readonly seen: string[];
  readonly killed: { times: number };
}

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) {
    await stop();
  }
});

async function setUp(faults: readonly Fault[], events: readonly string[] = []): Promise<Setup> {
  const certificate = selfSigned();
  const seen: string[] = [];
  const killed = { times: 0 };
  const server = createServer(certificate, (incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    incoming.resume();
    if (incoming.url?.includes('watch=true') === true) {
      response.end(events.map((event) => `${event}\n`).join(''));
    } else {
      response.end(`answer ${seen.length}`);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startFaultyProxy({
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificateAuthority: certificate.cert,
    kill: async () => void (killed.times += 1),
  });
  proxy.inject(faults);
  const agent = new Agent({ ca: proxy.certificateAuthority, keepAlive: true });
  running.push(async () => {
    agent.destroy();
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });
  return { proxy, agent, seen, killed };
}

/** Status and content, or `lost`. */
async function send({ proxy, agent }: Setup, method: string, path: string): Promise<string> {
  const asked = request(new URL(path, proxy.url), { method, agent });
  asked.end();
  try {
    const [response] = await once(asked, 'response');
    response.setEncoding('utf8');
    let content = '';
    for await (const part of response) {
      content += part as string;
    }
    return `${response.statusCode} ${content}`;
  } catch {
    // expected: faults look so.
    return 'lost';
  }
}

it('passes on what nothing was said about, and counts the writes', async () => {
  const setup = await setUp([]);
  expect(await send(setup, 'GET', '/api/v1/pods')).toBe('200 answer 1');
  expect(await send(setup, 'PATCH', '/apis/apps/v1/deployments/a')).toBe('200 answer 2');
  expect(await send(setup, 'PUT', '/apis/coordination.k8s.io/v1/leases/x')).toBe('200 answer 3');
  expect(setup.proxy.writes).toMatchObject([
    { number: 1, method: 'PATCH', path: '/apis/apps/v1/deployments/a', status: 200 },
  ]);
});

it.each<[string, Fault, string, readonly string[], number]>([
  ['a kill before a write keeps it from the server', { write: 1, action: { kind: 'kill-before' } }, 'lost', [], 1],
  ['a kill after a write', { write: 1, action: { kind: 'kill-after' } }, 'lost', ['POST /x'], 1],
  ['a lost reply', { write: 1, action: { kind: 'lose-reply' } }, 'lost', ['POST /x'], 0],
  ['a delay changes nothing else', { write: 1, action: { kind: 'delay', ms: 1 } }, '200 answer 1', ['POST /x'], 0],
])('%s', async (_what, fault, answer, seen, kills) => {
  const setup = await setUp([fault]);
  expect(await send(setup, 'POST', '/x')).toBe(answer);
  expect(setup.seen).toEqual(seen);
  expect(setup.killed.times).toBe(kills);
  expect(setup.proxy.spent).toBe(true);
});

it('an answer in the place of the API server is a Status, for the write that was named only', async () => {
  const setup = await setUp([{ write: 2, action: { kind: 'answer', status: 429 } }]);
  expect(await send(setup, 'POST', '/x')).toBe('200 answer 1');
  expect(await send(setup, 'POST', '/x')).toMatch(/^429 .*"reason":"TooManyRequests"/);
  expect(setup.seen).toEqual(['POST /x']);
});

it('the next list of a resource, or the opening of its next watch, can be refused', async () => {
  const action = { kind: 'answer', status: 503 } as const;
  const setup = await setUp([{ read: 'deployments', action }], ['a']);
  expect(await send(setup, 'GET', '/apis/apps/v1/services')).toBe('200 answer 1');
  expect(setup.proxy.spent).toBe(false);
  expect(await watchOf(setup)).toMatch(/^503 .*"reason":"ServiceUnavailable"/);
  expect(setup.proxy.spent).toBe(true);
  expect(await watchOf(setup)).toBe('200 a\n');
});

it('in a storm everything is refused, reads too, until it is over', async () => {
  const setup = await setUp([]);
  setup.proxy.refuseAll(429);
  expect(await send(setup, 'GET', '/api/v1/pods')).toMatch(/^429 /);
  expect(await send(setup, 'POST', '/x')).toMatch(/^429 /);
  expect(setup.proxy.requests).toBe(2);
  setup.proxy.refuseAll(undefined);
  expect(await send(setup, 'POST', '/x')).toBe('200 answer 1');
});

const watchOf = (setup: Setup): Promise<string> => send(setup, 'GET', '/apis/apps/v1/deployments?watch=true');

it.each<[string, Fault, string]>([
  ['drop', { resource: 'deployments', event: 2, action: { kind: 'drop' } }, '200 a\nc\n'],
  ['come twice', { resource: 'deployments', event: 2, action: { kind: 'duplicate' } }, '200 a\nb\nb\nc\n'],
  ['be of another resource', { resource: 'services', event: 2, action: { kind: 'drop' } }, '200 a\nb\nc\n'],
])('an event of a watch can %s', async (_what, fault, answer) => {
  expect(await watchOf(await setUp([fault], ['a', 'b', 'c']))).toBe(answer);
});

it('a watch can end as one whose version is too old', async () => {
  const setup = await setUp([{ resource: 'deployments', event: 1, action: { kind: 'expire' } }], ['a']);
  expect(await watchOf(setup)).toMatch(/^200 .*"code":410/);
});

it('a watch can lose its connection with an event', async () => {
  const setup = await setUp([{ resource: 'deployments', event: 1, action: { kind: 'cut' } }], ['a', 'b']);
  expect(await watchOf(setup)).toBe('lost');
});

it('a watch that is open when faults are injected is meant too', async () => {
  const setup = await setUp([{ resource: 'deployments', event: 1, action: { kind: 'freeze' } }], ['a']);
  const watched = watchOf(setup);
  while (!setup.proxy.spent) {
    await new Promise(setImmediate);
  }
  setup.proxy.inject([]);
  expect(await watched).toBe('200 ');
  expect([...setup.proxy.events]).toEqual([]);
});

it('a streaming list is told again up to its end, and then nothing until it is thawed', async () => {
  const end = '{"type":"BOOKMARK","annotations":{"k8s.io/initial-events-end":"true"}}';
  const setup = await setUp([{ staleList: 'deployments' }], ['a', end, 'b']);
  const list = (seconds: number): Promise<string> =>
    send(setup, 'GET', `/apis/apps/v1/deployments?watch=true&sendInitialEvents=true&timeoutSeconds=${seconds}`);
  expect(await list(1)).toBe(`200 a\n${end}\nb\n`);
  const second = list(2);
  while (setup.proxy.requests < 2) {
    await new Promise(setImmediate);
  }
  setup.proxy.thaw();
  expect(await second).toBe(`200 a\n${end}\n`);
  expect(setup.seen).toHaveLength(1);
});

it('a frozen watch says nothing until it is thawed, and ends then', async () => {
  const setup = await setUp([{ resource: 'deployments', event: 2, action: { kind: 'freeze' } }], ['a', 'b', 'c']);
  const watched = watchOf(setup);
  while (!setup.proxy.spent) {
    await new Promise(setImmediate);
  }
  setup.proxy.thaw();
  expect(await watched).toBe('200 a\n');
});

it('a list stays as it was first answered until it is thawed', async () => {
  const setup = await setUp([{ staleList: 'deployments' }]);
  const list = (): Promise<string> => send(setup, 'GET', '/apis/apps/v1/deployments');
  expect([await list(), await list()]).toEqual(['200 answer 1', '200 answer 1']);
  setup.proxy.thaw();
  expect(await list()).toBe('200 answer 2');
});
