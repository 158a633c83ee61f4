// Sends traces, metrics and logs of the whole process by OTLP (spin-contract.md §8.1), with OpenTelemetry's own packages, in
// the thread that runs no guests. Loaded only where the environment asks for it. Its queues are bounded, and nobody waits
// for it: what a collector does not take is dropped.
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { logs } from './logs.ts';
import { metrics, type MetricSource } from './metrics.ts';
import type { Sender } from './sender.ts';
import { spans } from './spans.ts';
import { resourceFrom } from './resource.ts';
import type { Env, TelemetrySettings } from '../settings.ts';
import type { TelemetryBatch } from '../outgoing.ts';

export interface Exporter {
  take(batch: TelemetryBatch): void;
  /** A piece of what a guest has printed, as it was written. */
  printed(component: string, bytes: Uint8Array): void;
  /** Sends what is left, for no longer than a moment. */
  close(): Promise<void>;
}

export interface ExporterOptions {
  readonly settings: TelemetrySettings;
  /** The environment of the process, in which the packages look too. */
  readonly env: Env;
  readonly version: string;
  readonly source: MetricSource;
  readonly note: (line: string) => void;
}

/** A collector that is there takes what is left within that. */
const CLOSE_MS = 2000;

/** How often the operator hears that a collector does not take what it is sent. */
const WARN_MS = 60_000;

export async function openExporter({ settings, env, version, source, note }: ExporterOptions): Promise<Exporter> {
  const { signals } = settings;
  const tell = warner(note);
  diag.setLogger({ error: tell, warn: tell, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const resource = await resourceFrom(env, version);
  const protocols = { traces: signals.get('traces'), logs: signals.get('logs'), metrics: signals.get('metrics') };
  const traces = protocols.traces && (await spans(resource, version, env, protocols.traces));
  const printed = protocols.logs && (await logs(resource, version, env, protocols.logs));
  const counted =
    protocols.metrics && (await metrics(resource, version, env, { protocol: protocols.metrics, source, failed: tell }));
  return {
    take: (batch) => {
      traces?.take(batch.spans);
      batch.logs.forEach((log) => printed?.takeOwn(log));
      batch.metrics.forEach((own) => counted?.takeOwn(own));
    },
    printed: (component, bytes) => printed?.take(component, bytes),
    close: async () => {
      const senders: (Sender | undefined)[] = [traces, printed, counted];
      // expected: a collector that is not there; the process ends nevertheless
      const closed = Promise.allSettled(senders.map((sender) => sender?.close()));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))]);
      clearTimeout(timer);
      diag.disable();
    },
  };
}

/** Of what the packages have to say the operator hears the first now and then. */
function warner(note: (line: string) => void): (message: string) => void {
  let toldAt = -Infinity;
  return (message) => {
    if (performance.now() - toldAt >= WARN_MS) {
      toldAt = performance.now();
      note(`Warning: telemetry is not delivered: ${reasonIn(message)}`);
    }
  };
}

const silent = (): void => {};

/** The packages tell errors as JSON with their stack. */
function reasonIn(message: string): string {
  try {
    const {
      message: reason,
      code,
      errors,
    } = JSON.parse(message) as { message?: string; code?: string; errors?: string };
    return reason || code || errors || 'the collector does not answer';
  } catch {
    // expected: it is a sentence
    return message;
  }
}
