// Telemetry of the real command with real guests, as a collector gets it (spin-contract.md §8.1).
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appFolder, manifest, type AppFolder } from '../../cli/src/testing/app-folder.ts';
import { fixture } from '../guests/fixtures.ts';
import { startCollector, startGrpcCollector, type Collector, type Span } from './collector.ts';

const EVENTUALLY = { interval: 50, timeout: 30_000 };

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'vendor=1' };

/** KINDS of the protocol. */
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];

const soon = (collector: Collector) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
});

/** Where guests send requests: remembers the fields. */
async function origin(): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

/** `front` calls `back`, which calls whatever it is told. */
async function chain(): Promise<AppFolder> {
  const allowed = 'allowed_outbound_hosts = ["http://*:*", "http://self"]';
  return appFolder({
    'spin.toml': manifest({
      front: { route: '/...', table: allowed },
      back: { route: '/back/...', table: allowed },
      dump: { route: '/dump' },
      trap: { route: '/unreachable' },
      print: { route: '/print' },
    }),
    'front.wasm': await fixture('rfanout'),
    'back.wasm': await fixture('rfanout'),
    'dump.wasm': await fixture('rdump'),
    'trap.wasm': await fixture('rtrap'),
    'print.wasm': await fixture('rlate'),
  });
}

const through = (url: string): string => {
  const inner = new URLSearchParams({ url });
  return `/?${new URLSearchParams({ url: `http://back.spin.internal/?${inner}`, show: '' })}`;
};

const spanOf = (spans: readonly Span[], name: string): Span => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) {
    throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  }
  return found;
};

describe('a request that carries a trace', () => {
  it('hands it on to whatever guests ask, when nothing is sent to a collector', async () => {
    const { url, seen } = await origin();
    const folder = await chain();
    const base = await folder.up().serving();
    await fetch(`${base}${through(url)}`, { headers: TRACEPARENT });
    await fetch(`${base}${through(url)}`);
    expect(seen.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
      [TRACEPARENT.traceparent, 'vendor=1'],
      [undefined, undefined],
    ]);
  });

  it('is told to the collector, span within span, through components that call each other', async () => {
    const collector = await startCollector();
    const { url, seen } = await origin();
    const folder = await chain();
    const base = await folder.up(['--threads', '2'], { env: soon(collector) }).serving();
    await fetch(`${base}${through(url)}`, { headers: { ...TRACEPARENT, 'x-forwarded-for': '192.0.2.7, 10.0.0.1' } });
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(5);
    const { spans } = collector;
    const server = spanOf(spans, 'GET /...');
    const front = spanOf(spans, 'execute_wasm_component front');
    const back = spanOf(spans, 'execute_wasm_component back');
    const sends = spans.filter(({ name }) => name === 'GET');
    const first = sends.find(({ parentSpanId }) => parentSpanId === front.spanId);
    const second = sends.find(({ parentSpanId }) => parentSpanId === back.spanId);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect([server.parentSpanId, front.parentSpanId, back.parentSpanId]).toEqual([
      CALLER,
      server.spanId,
      first?.spanId,
    ]);
    expect(seen[0]).toMatchObject({ traceparent: `00-${TRACE}-${second?.spanId}-01`, tracestate: 'vendor=1' });
    expect([server.kind, front.kind, first?.kind]).toEqual([SERVER, INTERNAL, CLIENT]);
    expect(server.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/...',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': expect.any(Number),
      'network.protocol.name': 'http',
      'url.path': '/',
      'url.query': through(url).slice(2),
      'url.scheme': 'http',
      'client.address': '192.0.2.7',
    });
    expect(second?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.full': url,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
    });
  });

  it('begins here where it carries none, or one that cannot be read', async () => {
    const collector = await startCollector();
    const base = await (await chain()).up([], { env: soon(collector) }).serving();
    await fetch(`${base}/dump`, { headers: { traceparent: `00-${'0'.repeat(32)}-${CALLER}-01` } });
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    expect(spanOf(collector.spans, 'GET /dump').parentSpanId).toBeUndefined();
  });

  it('is recorded as its sender records it', async () => {
    const collector = await startCollector();
    const { url, seen } = await origin();
    const base = await (await chain()).up([], { env: soon(collector) }).serving();
    await fetch(`${base}${through(url)}`, { headers: { traceparent: `00-${TRACE}-${CALLER}-00` } });
    await fetch(`${base}/dump`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    expect(collector.spans.every(({ traceId }) => traceId !== TRACE)).toBe(true);
    expect(seen[0]?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-00$`));
  });
});

describe('what a guest has done outside', () => {
  it('has a span by Spin’s name within that of the guest, without what it said, and is counted', async () => {
    const collector = await startCollector();
    const folder = await appFolder({
      'spin.toml': manifest({ kv: { table: 'key_value_stores = ["default"]' } }),
      'kv.wasm': await fixture('skv'),
    });
    const running = folder.up(['--state-dir', '', '--metrics-listen', '127.0.0.1:0'], { env: soon(collector) });
    const [, metrics = ''] = await running.printed(/^Serving metrics at (\S+)$/m, 'stderr');
    const base = await running.serving();
    await fetch(`${base}/set/key?secret`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(4);
    const guest = spanOf(collector.spans, 'execute_wasm_component kv');
    for (const name of ['spin_key_value.open', 'spin_key_value.set']) {
      expect(spanOf(collector.spans, name)).toMatchObject({ parentSpanId: guest.spanId, kind: CLIENT, attributes: {} });
    }
    expect(JSON.stringify(collector.spans.filter(({ kind }) => kind === CLIENT))).not.toContain('secret');
    const text = await (await fetch(metrics)).text();
    expect(text).toContain('spindle_host_calls_total{component="kv",call="spin_key_value.set",outcome="ok"} 1');
    expect(text).toContain('spindle_instance_resets_total{component="kv"}');
  });
});

describe('a guest that fails', () => {
  it('shows in both spans', async () => {
    const collector = await startCollector();
    const base = await (await chain()).up([], { env: soon(collector) }).serving();
    const { status } = await fetch(`${base}/unreachable`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    expect(status).toBe(500);
    expect(spanOf(collector.spans, 'GET /unreachable')).toMatchObject({
      status: { code: 2 },
      attributes: { 'http.response.status_code': 500, 'error.type': '500' },
    });
    expect(spanOf(collector.spans, 'execute_wasm_component trap')).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.blame': 'guest' },
    });
  });
});

describe('what a guest prints', () => {
  it('is a log record for each write, and an event of its span', async () => {
    const collector = await startCollector();
    const base = await (await chain()).up([], { env: soon(collector) }).serving();
    await fetch(`${base}/print?steps=2&ms=1`);
    const lines = 'late step 1\nlate step 2\nlate end\n';
    // Rust writes a formatted line in pieces: a record for each, as Spin has it.
    await expect.poll(() => collector.logs.map(({ body }) => body).join(''), EVENTUALLY).toBe(lines);
    for (const { attributes } of collector.logs) {
      expect(attributes).toEqual({ component_id: 'print' });
    }
    expect(collector.logs.every(({ severity }) => severity === undefined)).toBe(true);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    const { events } = spanOf(collector.spans, 'execute_wasm_component print');
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['app_log']));
    expect(events.map(({ attributes }) => attributes['app_log']).join('')).toBe(lines);
  });

  it('is no event where the environment says so, and is not sent where only traces are', async () => {
    const collector = await startCollector();
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...rest } = soon(collector);
    const env = {
      ...rest,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/v1/traces`,
      SPIN_DISABLE_LOG_TO_TRACING: '1',
    };
    const base = await (await chain()).up([], { env }).serving();
    await fetch(`${base}/print?steps=1&ms=1`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    expect(spanOf(collector.spans, 'execute_wasm_component print').events).toEqual([]);
    expect([collector.logs, collector.metrics.size]).toEqual([[], 0]);
  });
});

describe('what is counted', () => {
  it('is sent as Spin names it, of all threads together', async () => {
    const collector = await startCollector();
    const base = await (await chain()).up(['--threads', '2'], { env: soon(collector) }).serving();
    await Promise.all(Array.from({ length: 7 }, () => fetch(`${base}/dump`, { headers: { connection: 'close' } })));
    await expect
      .poll(() => collector.metrics.get('spin.request_count')?.find(({ value }) => value === 7), EVENTUALLY)
      .toEqual({
        value: 7,
        monotonic: true,
        attributes: { trigger_type: 'http', app_id: 'tried', component_id: 'dump' },
      });
  });
});

describe('outbound connections', () => {
  it('are counted by kind, with how much of their limits is in use', async () => {
    const collector = await startCollector();
    const { url } = await origin();
    const folder = await appFolder({
      'spin.toml': manifest({ front: { route: '/...', table: 'allowed_outbound_hosts = ["http://*:*"]' } }),
      'front.wasm': await fixture('rfanout'),
      'runtime.toml': '[outbound_http]\nmax_connections = 1\n[outbound_networking]\nmax_total_connections = 4\n',
    });
    const flags = ['--runtime-config-file', 'runtime.toml', '--threads', '1', '--metrics-listen', '127.0.0.1:0'];
    const running = folder.up(flags, { env: soon(collector) });
    const [, metrics = ''] = await running.printed(/^Serving metrics at (\S+)$/m, 'stderr');
    const base = await running.serving();
    // Another origin than the first: the second waits until the connection of the first is given up.
    const other = url.replace('127.0.0.1', 'localhost');
    expect(await (await fetch(`${base}/?url=${url}&url=${other}`)).text()).toContain('1 200');
    const name = 'outbound_connection_permits_acquired';
    await expect.poll(() => collector.metrics.get(name)?.length, EVENTUALLY).toBe(2);
    expect(collector.metrics.get(name)).toEqual(
      expect.arrayContaining([
        { value: 1, monotonic: true, attributes: { kind: 'http', waited: false } },
        { value: 1, monotonic: true, attributes: { kind: 'http', waited: true } },
      ]),
    );
    const histogram = (of: string) => collector.metricItems.findLast((item) => item['name'] === of)?.['histogram'];
    for (const of of ['permit_wait_duration_ms', 'factor_utilization', 'global_utilization']) {
      await expect.poll(() => histogram(`outbound_connection_${of}`), EVENTUALLY).toMatchObject({ temporality: 2 });
    }
    expect(histogram('outbound_connection_permit_wait_duration_ms')).toMatchObject({ points: [{ count: 1 }] });
    const text = await (await fetch(metrics)).text();
    expect(text).toContain('spindle_outbound_connections_total{kind="http",waited="true"} 1');
  });
});

describe('the origin of all that is sent', () => {
  it.each([
    [{}, 'spin'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,team=a' }, 'shop'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop', OTEL_SERVICE_NAME: 'till' }, 'till'],
  ])('is named by %o: %s', async (env, name) => {
    const collector = await startCollector();
    const base = await (
      await chain()
    )
      .up([], { env: { ...soon(collector), ...env, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret' } })
      .serving();
    await fetch(`${base}/dump`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    expect(collector.resources[0]).toMatchObject({ 'service.name': name, 'service.version': expect.any(String) });
    expect(collector.scopes[0]).toMatchObject({ name: 'spin' });
    expect(collector.headers[0]).toMatchObject({ 'x-key': 'secret', 'content-type': 'application/x-protobuf' });
  });
});

describe('a collector', () => {
  it.each([
    ['that is not there', 'http://127.0.0.1:9'],
    ['that answers with an error', undefined],
  ])('%s delays nothing and fails nothing', async (_what, given) => {
    const collector = await startCollector(400);
    const folder = await chain();
    const running = folder.up([], {
      env: { ...soon(collector), OTEL_EXPORTER_OTLP_ENDPOINT: given ?? collector.endpoint },
    });
    const base = await running.serving();
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${base}/dump`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await running.printed(/^Warning: telemetry is not delivered: .*$/m, 'stderr');
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it('is not spoken to by http/json', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    const { code, stderr } = await (await chain()).run(['up', '--listen', '127.0.0.1:0'], { env });
    const text = 'http/json OTLP protocol is not supported';
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(text) });
  });

  it.each([{}, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }])('gets all signals over gRPC with %o', async (more) => {
    const collector = await startGrpcCollector();
    const env = {
      ...soon(collector),
      ...more,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret',
    };
    const base = await (await chain()).up([], { env }).serving();
    await fetch(`${base}/print?steps=1&ms=1`, { headers: TRACEPARENT });
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    const server = spanOf(collector.spans, 'GET /print');
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: SERVER });
    expect(spanOf(collector.spans, 'execute_wasm_component print')).toMatchObject({ parentSpanId: server.spanId });
    await expect
      .poll(() => collector.logs.map(({ body }) => body).join(''), EVENTUALLY)
      .toBe('late step 1\nlate end\n');
    await expect.poll(() => collector.metrics.get('spin.request_count')?.[0]?.value, EVENTUALLY).toBe(1);
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'spin' });
    expect(collector.headers[0]).toMatchObject({
      'x-key': 'secret',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
  });

  it('may be spoken to in another way for each signal', async () => {
    const [overHttp, overGrpc] = [await startCollector(), await startGrpcCollector()];
    const env = {
      ...soon(overHttp),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: overGrpc.endpoint,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    };
    const base = await (await chain()).up([], { env }).serving();
    await fetch(`${base}/print?steps=1&ms=1`);
    await expect.poll(() => overGrpc.spans.length, EVENTUALLY).toBe(2);
    await expect.poll(() => overHttp.logs.length, EVENTUALLY).toBeGreaterThan(0);
    expect([overHttp.spans.length, overGrpc.logs.length]).toEqual([0, 0]);
  });

  it('that refuses over gRPC, hangs up or is not there delays nothing, and the operator hears why', async () => {
    const collectors = [
      [(await startGrpcCollector(14)).endpoint, 'gRPC status 14: not today'],
      [(await startGrpcCollector(0, (stream) => stream.session?.destroy())).endpoint, 'gRPC failed'],
      [
        (await startGrpcCollector(0, (stream) => stream.respond({ ':status': 502 }, { endStream: true }))).endpoint,
        'HTTP status 502',
      ],
      ['http://127.0.0.1:9', 'gRPC failed'],
      // HTTP/1.1, and so no gRPC at all.
      [(await startCollector()).endpoint, 'gRPC failed'],
    ] as const;
    for (const [endpoint, reason] of collectors) {
      const env = {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      };
      const running = (await chain()).up([], { env });
      const base = await running.serving();
      expect((await fetch(`${base}/dump`)).status).toBe(200);
      const [line] = await running.printed(/^Warning: telemetry is not delivered: .*$/m, 'stderr');
      expect(line).toContain(reason);
      expect(await running.stop()).toMatchObject({ code: 0 });
    }
  });
});
