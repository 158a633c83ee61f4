// kube-client 7 and 23 on a real API server, through a proxy that counts connections and can hold them still.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { RequestReport } from '../metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { startTcpProxy, type TcpProxy } from '../test-support/tcp-proxy.ts';
import type { ClusterAccess } from './access.ts';
import { createTransport } from './http-transport.ts';
import type { ByteStream, Transport } from './types.ts';

const MAX_STREAMS = 10;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let controlPlane: ControlPlane;
let proxy: TcpProxy;
let transport: Transport;
let reports: RequestReport[];

beforeAll(async () => {
  controlPlane = await startControlPlane({
    // The most there is, so that some hundred requests meet several GOAWAYs.
    apiServerFlags: ['--goaway-chance=0.02', `--http2-max-streams-per-connection=${MAX_STREAMS}`],
  });
});
afterAll(() => controlPlane?.stop());

beforeEach(async () => {
  proxy = await startTcpProxy(Number(new URL(controlPlane.url).port));
  reports = [];
  transport = connected(systemClock);
});
afterEach(async () => {
  await transport.close();
  await proxy.close();
});

function access(): ClusterAccess {
  return {
    server: new URL(`https://127.0.0.1:${proxy.port}`),
    namespace: 'default',
    tls: async () => ({ ca: controlPlane.certificateAuthority }),
    headers: async () => ({ authorization: `Bearer ${controlPlane.adminToken}` }),
    renew: async () => false,
  };
}

const connected = (clock: Clock): Transport =>
  createTransport(access(), { userAgent: 'test', clock, observer: { requestEnded: (report) => reports.push(report) } });

const watch = (resourceVersion?: string): Promise<ByteStream> =>
  transport.stream({ method: 'GET', path: CONFIG_MAPS, query: { watch: true, resourceVersion } });

const create = async (name: string): Promise<void> => {
  await transport.request({ method: 'POST', path: CONFIG_MAPS, body: { metadata: { name } } });
};

/** The first bytes in which `text` stands; other events come before it. */
async function readUntil(stream: ByteStream, text: string): Promise<string> {
  let seen = '';
  for await (const bytes of stream) {
    seen += Buffer.from(bytes).toString('utf8');
    if (seen.includes(text)) {
      return seen;
    }
  }
  return `ended after ${seen}`;
}

describe('23: the transport', () => {
  it('carries watches and requests on one connection', async () => {
    const watches = await Promise.all(Array.from({ length: 8 }, () => watch()));
    await create('one-connection');
    for (const stream of watches) {
      await expect(readUntil(stream, 'one-connection')).resolves.toContain('"ADDED"');
    }
    // A GOAWAY may fall among ten requests, once in five runs.
    expect(proxy.connections).toBeLessThanOrEqual(2);
  });

  it('opens another connection when the server takes no more streams on the first', async () => {
    const count = MAX_STREAMS * 2 + 1;
    const watches = await Promise.all(Array.from({ length: count }, () => watch()));
    await create('max-streams');
    const seen = await Promise.all(watches.map((stream) => readUntil(stream, 'max-streams')));
    expect(seen.filter((text) => text.includes('"ADDED"'))).toHaveLength(count);
    expect(proxy.connections).toBeGreaterThanOrEqual(3);
  });

  it('loses neither a request nor a watch to a GOAWAY', async () => {
    const stream = await watch();
    const requests = 600;
    let failures = 0;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requests) {
        next += 1;
        await transport.request({ method: 'GET', path: '/api/v1/namespaces/default' }).catch(() => (failures += 1));
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(failures).toBe(0);
    // 600 × 2 %: that there was none at all happens once in 10⁵ runs.
    expect(proxy.connections).toBeGreaterThan(1);
    await create('after-goaway');
    await expect(readUntil(stream, 'after-goaway')).resolves.toContain('"ADDED"');
  });

  it('lets a watch that nobody reads hold up no other stream', async () => {
    const name = `large-${crypto.randomUUID()}`;
    const idle = await watch();
    const body = { metadata: { name }, data: { text: 'x'.repeat(900_000) } };
    await transport.request({ method: 'POST', path: CONFIG_MAPS, body });
    for (let round = 0; round < 20; round += 1) {
      const { body: object } = await transport.request({ method: 'GET', path: `${CONFIG_MAPS}/${name}` });
      expect(JSON.stringify(object).length).toBeGreaterThan(900_000);
    }
    idle.close();
  });
});

describe('7: a connection', () => {
  it('that is frozen is given up after 60 s, and the next request has a new one', async () => {
    const clock = new FakeClock();
    await transport.close();
    transport = connected(clock);
    const stream = await watch();
    proxy.freeze();
    const failure = readUntil(stream, 'never').catch((error: unknown) => error);
    await clock.advance(59_999);
    expect(proxy.connections).toBe(1);
    // What was on its way when it froze may count as heard at any time until now.
    await clock.advance(60_001);
    expect(await failure).toMatchObject({ kind: 'silent', retry: 'backoff' });
    await expect(transport.request({ method: 'GET', path: '/version' })).resolves.toMatchObject({ status: 200 });
    expect(proxy.connections).toBe(2);
  });

  it('without any event lives on by the answers to its pings', async () => {
    const clock = new FakeClock();
    await transport.close();
    transport = connected(clock);
    const stream = await watch();
    for (let seconds = 0; seconds < 200; seconds += 20) {
      const said = proxy.serverSaid();
      await clock.advance(20_000);
      await said;
      // What has reached the proxy is here soon; of three answers in a row one must be in time.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await create('after-pings');
    await expect(readUntil(stream, 'after-pings')).resolves.toContain('"ADDED"');
    expect(proxy.connections).toBe(1);
  });

  it('that is cut ends what is under way with a typed error, and the next request has a new one', async () => {
    const stream = await watch();
    const failure = readUntil(stream, 'never').catch((error: unknown) => error);
    proxy.cut();
    expect(await failure).toMatchObject({ kind: 'reset', retry: 'backoff' });
    await expect(transport.request({ method: 'GET', path: '/version' })).resolves.toMatchObject({ status: 200 });
  });
});

describe('a request', () => {
  it('is given up at its deadline and by its signal, which is what is thrown', async () => {
    await transport.request({ method: 'GET', path: '/version' });
    proxy.freeze();
    const frozen = { method: 'GET', path: '/version' } as const;
    await expect(transport.request({ ...frozen, deadlineMs: 50 })).rejects.toMatchObject({ kind: 'deadline' });
    const why = new Error('no longer wanted');
    const controller = new AbortController();
    const asked = transport.request({ ...frozen, signal: controller.signal });
    controller.abort(why);
    await expect(asked).rejects.toBe(why);
    await expect(transport.request({ ...frozen, signal: controller.signal })).rejects.toBe(why);
  });

  it('with too large an answer is refused', async () => {
    const request = transport.request({ method: 'GET', path: '/openapi/v2', maxBytes: 1000 });
    await expect(request).rejects.toMatchObject({ kind: 'too-large', retry: 'no' });
  });

  it('is reported with its method, host and status', async () => {
    await transport.request({ method: 'GET', path: '/version' });
    await transport.request({ method: 'DELETE', path: `${CONFIG_MAPS}/none` }).catch(() => undefined);
    proxy.freeze();
    await transport.request({ method: 'GET', path: '/version', deadlineMs: 20 }).catch(() => undefined);
    const host = `127.0.0.1:${proxy.port}`;
    expect(reports.map(({ method, host: at, code }) => ({ method, host: at, code }))).toEqual([
      { method: 'GET', host, code: '200' },
      { method: 'DELETE', host, code: '404' },
      { method: 'GET', host, code: '<error>' },
    ]);
  });

  it('after the end of the transport, or under way then, fails as closed', async () => {
    const stream = await watch();
    const reading = readUntil(stream, 'never');
    const asked = transport.request({ method: 'GET', path: '/version' });
    const failures = Promise.allSettled([reading, asked]);
    await transport.close();
    expect((await failures).map((one) => one.status === 'rejected' && one.reason.kind)).toEqual(['closed', 'closed']);
    await expect(transport.request({ method: 'GET', path: '/version' })).rejects.toMatchObject({ kind: 'closed' });
  });
});

describe('a stream', () => {
  it('ends when it is closed beside its loop, and when its signal aborts with the reason of that', async () => {
    const stream = await watch();
    const reading = readUntil(stream, 'never');
    stream.close();
    await expect(reading).resolves.toMatch(/^ended/);
    const why = new Error('no longer wanted');
    const controller = new AbortController();
    const other = await transport.stream({
      method: 'GET',
      path: CONFIG_MAPS,
      query: { watch: true },
      signal: controller.signal,
    });
    const failure = readUntil(other, 'never').catch((error: unknown) => error);
    controller.abort(why);
    expect(await failure).toBe(why);
  });

  it('that has ended before its reader came is read to its end', async () => {
    const stream = await transport.stream({ method: 'GET', path: '/openapi/v2' });
    const { body } = await transport.request({ method: 'GET', path: '/openapi/v2' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const parts = await Array.fromAsync(stream);
    expect(JSON.parse(Buffer.concat(parts).toString('utf8'))).toEqual(body);
  });

  it('ends by itself when the server ends it', async () => {
    const query = { watch: true, timeoutSeconds: 1, resourceVersion: '0' };
    const stream = await transport.stream({ method: 'GET', path: CONFIG_MAPS, query });
    await expect(readUntil(stream, 'never')).resolves.toMatch(/^ended/);
  });
});
