// Telemetry of a real guest's own by wasi:otel, as a collector gets it (spin-contract.md §4.12).
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appFolder, manifest } from '../../cli/src/testing/app-folder.ts';
import type { RunningSpindle } from '../../cli/src/testing/run-spindle.ts';
import { fixture } from '../guests/fixtures.ts';
import { startCollector, type Collector, type Span } from './collector.ts';

const EVENTUALLY = { interval: 50, timeout: 30_000 };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = { traceparent: `00-${TRACE}-b7ad6b7169203331-01`, tracestate: 'vendor=1' };
const [OUTER, INNER] = ['00000000000000a1', '00000000000000b2'];

async function up(env: Readonly<Record<string, string>>): Promise<RunningSpindle> {
  const folder = await appFolder({
    'spin.toml': manifest({ otel: { table: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' } }),
    'otel.wasm': await fixture('rotel'),
  });
  return folder.up(['--experimental-wasi-otel'], { env });
}

const sending = (collector: Collector, signals = ['TRACES', 'METRICS', 'LOGS']) => ({
  ...Object.fromEntries(
    signals.map((signal) => [
      `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`,
      `${collector.endpoint}/v1/${signal.toLowerCase()}`,
    ]),
  ),
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
  OTEL_METRIC_EXPORT_INTERVAL: '600000',
});

const spanOf = (spans: readonly Span[], name: string): Span => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) {
    throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  }
  return found;
};

describe('spans of a guest', () => {
  it('lie below that of its call, and what the host does meanwhile below them', async () => {
    const collector = await startCollector();
    const seen: IncomingHttpHeaders[] = [];
    const origin = createServer((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      origin.close();
      origin.closeAllConnections();
    });
    const base = await (await up(sending(collector))).serving();
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/`;
    expect(await (await fetch(`${base}/spans?url=${url}`, { headers: TRACEPARENT })).text()).toContain('200 Ok(0)');
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(8);
    const { spans } = collector;
    const call = spanOf(spans, 'execute_wasm_component otel');
    const [outer, inner, sent] = [spanOf(spans, 'outer'), spanOf(spans, 'inner'), spanOf(spans, 'GET')];
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect([outer.spanId, inner.spanId]).toEqual([OUTER, INNER]);
    expect([outer.parentSpanId, inner.parentSpanId, sent.parentSpanId]).toEqual([call.spanId, OUTER, INNER]);
    const gets = spans.filter(({ name }) => name === 'wasi_config.get').map(({ parentSpanId }) => parentSpanId);
    expect(gets.toSorted()).toEqual([OUTER, OUTER, call.spanId].toSorted());
    expect(seen[0]).toMatchObject({ traceparent: `00-${TRACE}-${sent.spanId}-01`, tracestate: 'vendor=1' });
  });

  it('are told with everything that the guest says of them', async () => {
    const collector = await startCollector();
    const base = await (await up(sending(collector))).serving();
    await fetch(`${base}/spans`);
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(7);
    const outer = spanOf(collector.spans, 'outer') as Span & Record<string, unknown>;
    expect(outer).toMatchObject({
      kind: 4,
      start: '1700000000123456789',
      end: '1700000001987654321',
      attributes: { text: 'some', number: 6, part: 1.5, yes: true, bare: 'no json' },
      events: [{ time: '1700000000500000000', name: 'halfway', attributes: { n: 1 } }],
      links: [{ spanId: OUTER }],
      status: { code: 1 },
      droppedAttributes: 1,
      droppedEvents: 2,
      droppedLinks: 3,
    });
    expect(spanOf(collector.spans, 'inner').status).toEqual({ code: 2, message: 'broken' });
    expect(collector.scopes).toContainEqual(expect.objectContaining({ name: 'rotel', version: '1.2.3' }));
  });

  it.each(['unknown', 'twice'])('that were not started cannot be ended (%s)', async (path) => {
    const collector = await startCollector();
    const running = await up(sending(collector));
    const base = await running.serving();
    expect((await fetch(`${base}/${path}`)).status).toBe(500);
    await running.printed(/Trying to end a span that was not started/, 'stderr');
    expect((await fetch(`${base}/outer`)).status).toBe(200);
  });

  it('are bounded in number and in size', async () => {
    const collector = await startCollector();
    const running = await up(sending(collector));
    const base = await running.serving();
    expect((await fetch(`${base}/many?n=1000`)).status).toBe(200);
    expect((await fetch(`${base}/many?n=1001`)).status).toBe(500);
    await running.printed(/Too many spans were started and not ended/, 'stderr');
    expect((await fetch(`${base}/huge?bytes=100000`)).status).toBe(200);
    await expect.poll(() => collector.spans.some(({ name }) => name === 'huge'), EVENTUALLY).toBe(true);
    const huge = spanOf(collector.spans, 'huge');
    expect(JSON.stringify(huge.attributes).length).toBeLessThan(300_000);
    expect(huge).toMatchObject({ droppedAttributes: 1 + 200 - Object.keys(huge.attributes).length });
  });
});

describe('the span that a guest is called in', () => {
  it('is the one of its call', async () => {
    const collector = await startCollector();
    const base = await (await up(sending(collector))).serving();
    const text = await (await fetch(`${base}/outer`, { headers: TRACEPARENT })).text();
    await expect.poll(() => collector.spans.length, EVENTUALLY).toBe(2);
    const { spanId } = spanOf(collector.spans, 'execute_wasm_component otel');
    expect(text).toContain(`trace-id: "${TRACE}", span-id: "${spanId}", trace-flags: TraceFlags(SAMPLED)`);
    expect(text).toContain('trace-state: [("vendor", "1")]');
  });

  it('is none where nothing is sent and nothing came, and spans then do nothing', async () => {
    const running = await up({});
    const base = await running.serving();
    const none = `trace-id: "${'0'.repeat(32)}", span-id: "${'0'.repeat(16)}", trace-flags: TraceFlags(0x0)`;
    expect(await (await fetch(`${base}/outer`)).text()).toContain(none);
    for (const path of ['spans', 'unknown', 'twice', 'many?n=5000', 'log', 'metrics']) {
      expect((await fetch(`${base}/${path}`)).status).toBe(200);
    }
  });
});

describe('a log record of a guest', () => {
  it('is sent as it is', async () => {
    const collector = await startCollector();
    const base = await (await up(sending(collector, ['LOGS']))).serving();
    await fetch(`${base}/log`);
    await expect.poll(() => collector.logs.length, EVENTUALLY).toBe(1);
    expect(collector.logs[0]).toMatchObject({
      time: '1700000000000000001',
      observed: '1700000000000000002',
      severity: 13,
      severityText: 'WARN',
      eventName: 'event',
      traceId: 'a'.repeat(32),
      spanId: INNER,
      attributes: { a: 1 },
      body: {
        values: [{ key: 'said', value: { array: { values: [{ int: 1 }, { bytes: '000102' }] } } }],
      },
    });
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'spin' });
    expect(collector.spans).toEqual([]);
  });

  it.each([
    ['severity=0', { severity: undefined }],
    ['severity=99', { severity: undefined }],
    ['body=plain', { body: 'plain' }],
    ['body=nested', { body: '['.repeat(4000) }],
  ])('with %s fails nothing', async (asked, expected) => {
    const query = asked.replace('nested', '['.repeat(4000));
    const collector = await startCollector();
    const base = await (await up(sending(collector, ['LOGS']))).serving();
    expect((await fetch(`${base}/log?${query}`)).status).toBe(200);
    await expect.poll(() => collector.logs.length, EVENTUALLY).toBe(1);
    expect(collector.logs[0]).toMatchObject(expected);
  });
});

describe('metrics of a guest', () => {
  it('are sent as they are, each kind of each number', async () => {
    const collector = await startCollector();
    const base = await (await up(sending(collector, ['METRICS']))).serving();
    expect(await (await fetch(`${base}/metrics`)).text()).toBe('Ok(())\n');
    await expect.poll(() => collector.metricItems.length, EVENTUALLY).toBe(12);
    const item = (name: string) => collector.metricItems.find((metric) => metric['name'] === name);
    expect(item('f64-sum')).toMatchObject({
      description: 'what it is',
      unit: 'By',
      sum: { temporality: 1, monotonic: true, points: [{ double: 1.5, start: '1700000000000000000' }] },
    });
    expect(item('s64-gauge')).toMatchObject({ gauge: { points: [{ int: -4, time: '1700000009000000005' }] } });
    expect(item('u64-sum')).toMatchObject({ sum: { points: [{ int: 9 }] } });
    expect(item('u64-histogram')).toMatchObject({
      histogram: { temporality: 2, points: [{ count: 3, sum: 9, min: 9 }] },
    });
    expect(item('f64-exponential')).toMatchObject({
      exponential: {
        temporality: 2,
        points: [{ count: 7, sum: 1.5, max: 1.5, zeroCount: 1, positive: { counts: '0204' } }],
      },
    });
    expect(collector.resources[0]).toEqual({ 'service.name': 'the guest' });
  });
});

describe('without --experimental-wasi-otel', () => {
  it('a component that imports it is refused, by name', async () => {
    const folder = await appFolder({ 'spin.toml': manifest({ otel: {} }), 'otel.wasm': await fixture('rotel') });
    const { code, stderr } = await folder.run(['up', '--listen', '127.0.0.1:0']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('wasi:otel/') });
  });
});
