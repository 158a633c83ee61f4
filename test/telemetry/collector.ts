// An OTLP collector over HTTP: takes what is sent and shows it, decoded by the fields of opentelemetry-proto 1.9.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { decode, type Message, type Schema } from './protobuf.ts';

const ANY: Schema = { 1: ['string', 'string'], 2: ['bool', 'bool'], 3: ['int', 'varint'], 4: ['double', 'double'] };
const KEY_VALUE: Schema = { 1: ['key', 'string'], 2: ['value', ANY] };
const RESOURCE: Schema = { 1: ['attributes[]', KEY_VALUE] };
const SCOPE: Schema = { 1: ['name', 'string'], 2: ['version', 'string'] };

const SPAN: Schema = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'varint'],
  7: ['start', 'fixed64'],
  8: ['end', 'fixed64'],
  9: ['attributes[]', KEY_VALUE],
  11: ['events[]', { 1: ['time', 'fixed64'], 2: ['name', 'string'], 3: ['attributes[]', KEY_VALUE] }],
  15: ['status', { 2: ['message', 'string'], 3: ['code', 'varint'] }],
};
const LOG: Schema = {
  1: ['time', 'fixed64'],
  2: ['severity', 'varint'],
  5: ['body', ANY],
  6: ['attributes[]', KEY_VALUE],
};
const POINT: Schema = {
  3: ['time', 'fixed64'],
  4: ['double', 'double'],
  6: ['int', 'fixed64'],
  7: ['attributes[]', KEY_VALUE],
};
const METRIC: Schema = {
  1: ['name', 'string'],
  7: ['sum', { 1: ['points[]', POINT], 2: ['temporality', 'varint'], 3: ['monotonic', 'bool'] }],
};

const exported = (content: Schema): Schema => ({
  1: ['resources[]', { 1: ['resource', RESOURCE], 2: ['scopes[]', { 1: ['scope', SCOPE], 2: ['items[]', content] }] }],
});

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
  readonly resources: Attributes[];
  readonly scopes: Message[];
  /** Fields of the requests. */
  readonly headers: NodeJS.Dict<string | string[]>[];
}

/** Ends with the test. `status` is what it answers. */
export async function startCollector(status = 200): Promise<Collector> {
  const collector: Omit<Collector, 'endpoint'> = {
    spans: [],
    logs: [],
    metrics: new Map(),
    resources: [],
    scopes: [],
    headers: [],
  };
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
          collector.logs.push({ body: plain(item['body']), attributes, severity: item['severity'] });
        } else {
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
