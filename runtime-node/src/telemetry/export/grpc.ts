// OTLP over gRPC: one unary call over node's HTTP/2 with a message that OpenTelemetry's packages have serialized. Their own
// gRPC exporters are not used: they bring 27 packages (20 MB) for what these lines do.
import { readFileSync } from 'node:fs';
import { connect, constants, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { createOtlpNetworkExportDelegate, ExporterMetrics, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import type { ExportResponse, IExporterTransport } from '@opentelemetry/otlp-exporter-base';
import { getSharedConfigurationFromEnvironment } from '@opentelemetry/otlp-exporter-base/node-http';
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import type { Env, Signal } from '../settings.ts';

/** By signal (opentelemetry-proto, `collector/<signal>/v1`). */
const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** OpenTelemetry's default. */
const TIMEOUT_MS = 10_000;
const CONCURRENT_EXPORTS = 30;

export interface GrpcSettings {
  readonly url: URL;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: SecureClientSessionOptions;
}

/** What the environment says of one signal. Throws when a file that it names cannot be read. */
export function grpcSettings(signal: Signal, env: Env): GrpcSettings {
  const of = (rest: string): string | undefined =>
    env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${rest}`] || env[`OTEL_EXPORTER_OTLP_${rest}`] || undefined;
  const given = of('ENDPOINT') ?? '';
  // OpenTelemetry's specification: without a scheme, `_INSECURE` decides.
  const scheme = of('INSECURE')?.toLowerCase() === 'true' ? 'http' : 'https';
  const { timeoutMillis = TIMEOUT_MS, compression } = getSharedConfigurationFromEnvironment(signal.toUpperCase());
  const file = (rest: string): Buffer | undefined => {
    const path = of(rest);
    return path === undefined ? undefined : readFileSync(path);
  };
  const [ca, cert, key] = [file('CERTIFICATE'), file('CLIENT_CERTIFICATE'), file('CLIENT_KEY')];
  return {
    url: new URL(/^https?:\/\//.test(given) ? given : `${scheme}://${given}`),
    method: METHODS[signal],
    fields: {
      ...parseKeyPairsIntoRecord(env['OTEL_EXPORTER_OTLP_HEADERS']),
      ...parseKeyPairsIntoRecord(env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`]),
    },
    gzip: compression === 'gzip',
    timeoutMs: timeoutMillis,
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}

export class GrpcTransport implements IExporterTransport {
  readonly #settings: GrpcSettings;
  #session: ClientHttp2Session | undefined;

  constructor(settings: GrpcSettings) {
    this.#settings = settings;
  }

  /** Never rejects. */
  async send(data: Uint8Array, timeoutMillis: number): Promise<ExportResponse> {
    try {
      await this.#call(data, timeoutMillis);
      return { status: 'success' };
    } catch (error) {
      // expected: the collector is away, or does not take it
      return { status: 'failure', error: error as Error };
    }
  }

  shutdown(): void {
    this.#session?.close();
  }

  #call(data: Uint8Array, timeoutMillis: number): Promise<void> {
    const { method, fields, gzip } = this.#settings;
    return new Promise((resolve, reject) => {
      const stream = this.#open().request({
        ...fields,
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: method,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${Math.ceil(timeoutMillis)}m`,
        ...(gzip ? { 'grpc-encoding': 'gzip' } : {}),
      });
      let status: string | undefined;
      let message = '';
      const timer = setTimeout(() => {
        message = 'no answer in time';
        stream.close(constants.NGHTTP2_CANCEL);
      }, timeoutMillis);
      const read = (headers: NodeJS.Dict<string | string[] | number>): void => {
        status = one(headers['grpc-status']) ?? status;
        message = one(headers['grpc-message']) ?? message;
        const http = headers[constants.HTTP2_HEADER_STATUS];
        if (http !== undefined && Number(http) !== 200) {
          message = `HTTP status ${String(http)}`;
        }
      };
      // An answer without a message has its status here.
      stream.on('response', read);
      stream.on('trailers', read);
      // What was partly refused is told there; nothing can be done about it.
      stream.resume();
      stream.on('error', (error) => (message ||= error.message));
      stream.on('close', () => {
        clearTimeout(timer);
        if (status === '0') {
          resolve();
        } else {
          reject(new Error(`gRPC ${status === undefined ? 'failed' : `status ${status}`}: ${message || 'no reason'}`));
        }
      });
      stream.end(frame(gzip ? gzipSync(data) : data, gzip));
    });
  }

  /** The connection, made anew when the last one has ended. */
  #open(): ClientHttp2Session {
    const known = this.#session;
    if (known !== undefined && !known.closed && !known.destroyed) {
      return known;
    }
    const session = connect(this.#settings.url, this.#settings.tls);
    // What it breaks hears of it by itself.
    session.on('error', () => {});
    session.on('goaway', () => session.close());
    session.unref();
    this.#session = session;
    return session;
  }
}

/** gRPC's length-prefixed message. */
function frame(data: Uint8Array, compressed: boolean): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(data.length, 1);
  return Buffer.concat([prefix, data]);
}

const one = (value: string | string[] | number | undefined): string | undefined =>
  value === undefined ? undefined : String(Array.isArray(value) ? value[0] : value);

/** In place of OpenTelemetry's exporter over HTTP. */
export function grpcExporter<Internal, Response>(
  signal: Signal,
  env: Env,
  serializer: ISerializer<Internal, Response>,
  metricsHelper: IExporterMetricsHelper<Internal>,
): OTLPExporterBase<Internal> {
  const settings = grpcSettings(signal, env);
  const { timeoutMs, url, gzip } = settings;
  const metrics = new ExporterMetrics<Internal>({
    componentType: `otlp_grpc_${signal}_exporter`,
    metricsHelper,
    url: url.href,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  });
  return new OTLPExporterBase(
    createOtlpNetworkExportDelegate(
      { timeoutMillis: timeoutMs, concurrencyLimit: CONCURRENT_EXPORTS, compression: gzip ? 'gzip' : 'none' },
      serializer,
      metrics,
      new GrpcTransport(settings),
    ),
  );
}
