// An OTLP collector over HTTP and gRPC: takes what is sent and shows it, decoded by the fields of opentelemetry-proto 1.9.
import { createServer } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { decode, type Message, type Schema } from './protobuf.ts';

const ANY: Schema = {
  1: ['string', 'string'],
  2: ['bool', 'bool'],
  3: ['int', 'varint'],
  4: ['double', 'double'],
  7: ['bytes', 'hex'],
  get 5() {
    return ['array', { 1: ['values[]', ANY] }] as const;
  },
  get 6() {
    return ['map', { 1: ['values[]', KEY_VALUE] }] as const;
  },
};
const KEY_VALUE: Schema = { 1: ['key', 'string'], 2: ['value', ANY] };
const RESOURCE: Schema = { 1: ['attributes[]', KEY_VALUE] };
const SCOPE: Schema = { 1: ['name', 'string'], 2: ['version', 'string'], 3: ['attributes[]', KEY_VALUE] };

const SPAN: Schema = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'varint'],
  7: ['start', 'time'],
  8: ['end', 'time'],
  9: ['attributes[]', KEY_VALUE],
  11: ['events[]', { 1: ['time', 'time'], 2: ['name', 'string'], 3: ['attributes[]', KEY_VALUE] }],
  10: ['droppedAttributes', 'varint'],
  12: ['droppedEvents', 'varint'],
  13: ['links[]', { 1: ['traceId', 'hex'], 2: ['spanId', 'hex'], 4: ['attributes[]', KEY_VALUE] }],
  14: ['droppedLinks', 'varint'],
  15: ['status', { 2: ['message', 'string'], 3: ['code', 'varint'] }],
};
const LOG: Schema = {
  1: ['time', 'time'],
  2: ['severity', 'varint'],
  5: ['body', ANY],
  3: ['severityText', 'string'],
  6: ['attributes[]', KEY_VALUE],
  9: ['traceId', 'hex'],
  10: ['spanId', 'hex'],
  11: ['observed', 'time'],
  12: ['eventName', 'string'],
};
const POINT: Schema = {
  2: ['start', 'time'],
  3: ['time', 'time'],
  4: ['double', 'double'],
  6: ['int', 'fixed64'],
  7: ['attributes[]', KEY_VALUE],
};
/** Packed numbers as they came. */
const HISTOGRAM: Schema = {
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['counts', 'hex'],
  7: ['bounds', 'hex'],
  9: ['attributes[]', KEY_VALUE],
  11: ['min', 'double'],
  12: ['max', 'double'],
};
const BUCKETS: Schema = { 1: ['offset', 'varint'], 2: ['counts', 'hex'] };
const EXPONENTIAL: Schema = {
  1: ['attributes[]', KEY_VALUE],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'varint'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', BUCKETS],
  9: ['negative', BUCKETS],
  13: ['max', 'double'],
};
const METRIC: Schema = {
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', { 1: ['points[]', POINT] }],
  9: ['histogram', { 1: ['points[]', HISTOGRAM], 2: ['temporality', 'varint'] }],
  10: ['exponential', { 1: ['points[]', EXPONENTIAL], 2: ['temporality', 'varint'] }],
  7: ['sum', { 1: ['points[]', POINT], 2: ['temporality', 'varint'], 3: ['monotonic', 'bool'] }],
};

const exported = (content: Schema): Schema => ({
  1: ['resources[]', { 1: ['resource', RESOURCE], 2: ['scopes[]', { 1: ['scope', SCOPE], 2: ['items[]', content] }] }],
});

/** The same by gRPC. */
const METHODS: Readonly<Record<string, string>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': '/v1/traces',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': '/v1/logs',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': '/v1/metrics',
};

const SIGNALS: Readonly<Record<string, Schema>> = {
  '/v1/traces': exported(SPAN),
  '/v1/logs': exported(LOG),
  '/v1/metrics': exported(METRIC),
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface Collector {
  readonly endpoint: string;
  readonly spans: Span[];
  readonly logs: { readonly body: unknown; readonly attributes: Attributes; readonly severity: unknown }[];
  /** The last values, by name. */
  readonly metrics: Map<
    string,
    { readonly value: number; readonly attributes: Attributes; readonly monotonic: boolean }[]
  >;
  /** Everything of the metrics, as decoded. */
  readonly metricItems: Message[];
  readonly resources: Attributes[];
  readonly scopes: Message[];
  /** Fields of the requests. */
  readonly headers: NodeJS.Dict<string | string[]>[];
}

/** Ends with the test. `status` is what it answers. */
export async function startCollector(status = 200): Promise<Collector> {
  const collector = emptyCollector();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const schema = SIGNALS[request.url ?? ''];
      const body = Buffer.concat(chunks);
      collector.headers.push(request.headers);
      if (schema !== undefined && status === 200) {
        take(
          collector,
          request.url ?? '',
          decode(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body, schema),
        );
      }
      response.writeHead(schema === undefined ? 404 : status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { ...collector, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const emptyCollector = (): Omit<Collector, 'endpoint'> => ({
  spans: [],
  logs: [],
  metrics: new Map(),
  metricItems: [],
  resources: [],
  scopes: [],
  headers: [],
});

/** The same over gRPC; `status` is what it answers. */
export async function startGrpcCollector(
  status = 0,
  answer: (stream: ServerHttp2Stream) => void = (stream) => respond(stream, status),
): Promise<Collector> {
  const collector = emptyCollector();
  const server = createHttp2();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      collector.headers.push(headers);
      const message = Buffer.concat(chunks);
      const path = METHODS[headers[':path'] ?? ''];
      const body = message.subarray(5, 5 + message.readUInt32BE(1));
      const schema = SIGNALS[path ?? ''];
      if (path !== undefined && schema !== undefined && status === 0) {
        take(collector, path, decode(message[0] === 1 ? gunzipSync(body) : body, schema));
      }
      answer(stream as ServerHttp2Stream);
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    sessions.forEach((session) => session.destroy());
  });
  return { ...collector, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** An empty message, or a status alone. */
function respond(stream: ServerHttp2Stream, status: number): void {
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (status !== 0) {
    stream.respond({ ...head, 'grpc-status': String(status), 'grpc-message': 'not today' }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}

function take(collector: Omit<Collector, 'endpoint'>, path: string, message: Message): void {
  for (const { resource, scopes } of (message['resources'] ?? []) as { resource: Message; scopes: Message[] }[]) {
    collector.resources.push(attributesOf(resource));
    for (const { scope, items } of scopes as unknown as { scope: Message; items: Message[] }[]) {
      collector.scopes.push(scope);
      for (const item of items) {
        const attributes = attributesOf(item);
        if (path === '/v1/traces') {
          const events = ((item['events'] ?? []) as Message[]).map((event) => ({
            ...event,
            attributes: attributesOf(event),
          }));
          collector.spans.push({ ...item, attributes, events } as unknown as Span);
        } else if (path === '/v1/logs') {
          collector.logs.push({ ...item, body: plain(item['body']), attributes, severity: item['severity'] });
        } else {
          collector.metricItems.push(item);
          const { points = [], monotonic = false } = (item['sum'] ?? {}) as { points?: Message[]; monotonic?: boolean };
          collector.metrics.set(
            item['name'] as string,
            points.map((point) => ({
              value: (point['int'] ?? point['double']) as number,
              attributes: attributesOf(point),
              monotonic,
            })),
          );
        }
      }
    }
  }
}

const attributesOf = ({ attributes = [] }: Message): Attributes =>
  Object.fromEntries(
    (attributes as { key: string; value: Message }[]).map(({ key, value }) => [key, plain(value)]),
  ) as Attributes;

const plain = (value: unknown): unknown => Object.values((value ?? {}) as object)[0];
