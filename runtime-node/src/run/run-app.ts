// Runs a loaded application until it is stopped: prepares it, lets threads serve it, takes what they print.
import { Readable } from 'node:stream';
import { prepareApp } from '../app/prepare-app.ts';
import { shareLimits, usefulThreads, type Limits } from '../limits/index.ts';
import { GuestOutput } from '../logs/guest-output.ts';
import { MeterTotals } from '../metrics/totals.ts';
import { giveBackAtRest } from '../threads/give-back.ts';
import { partsOf, type OutputBatch } from '../threads/outbox.ts';
import { processorsHere } from '../threads/processors.ts';
import { LaunchedThread, Supervisor } from '../threads/supervisor.ts';
import { formatAddress } from '../triggers/http/address.ts';
import { newConnectionCounts } from '../triggers/http/listener/connection-count.ts';
import { telemetrySettings, type Signal } from '../telemetry/settings.ts';
import type { Exporter } from '../telemetry/export/exporter.ts';
import { checkTriggers } from './check-triggers.ts';
import { engineLines } from './engine-lines.ts';
import { keepMemory, newMemoryName, type KeptMemory } from './kept-memory.ts';
import type { AppToServe, RunOptions, ServedApp, ServedHttp } from './options.ts';
import { settle } from './settle.ts';

export interface RunningApp {
  /** Undefined without http triggers. */
  readonly http: ServedHttp | undefined;
  /** Lines of the other triggers for the start-up text. */
  readonly announcement: readonly string[];
  /** The exit code of the command, when it has ended; never settles for other apps. */
  readonly finished: Promise<number>;
  /** Drains for at most `deadlineMs`; resolves to the number of requests that had to be ended. */
  stop(deadlineMs: number): Promise<number>;
}

export type Launched = LaunchedThread<AppToServe, ServedApp>;

/** Lets the first thread load its code while the app is still being loaded. To be closed if it comes to no run. */
export const launchThread = (): Launched => new LaunchedThread(new URL('./thread-main.ts', import.meta.url));

/** The first: it is there also when the others only begin under load. */
const FETCHING_PLACE = 0;

/** `launched` is taken over, also when the run fails to start. */
export async function runApp(options: RunOptions, launched: Launched = launchThread()): Promise<RunningApp> {
  const resources = new AsyncDisposableStack();
  resources.defer(() => launched.close());
  try {
    return await start(options, launched, resources);
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** What is deferred first ends last: no thread prints into files that are closed. */
async function start(options: RunOptions, launched: Launched, resources: AsyncDisposableStack): Promise<RunningApp> {
  const { locked, metricsListen } = options;
  const types = checkTriggers(locked);
  const isCommand = types.has('command');
  const settled = await settle(options);
  const { stateDir, logDir } = settled;
  // A command may compute for as long as it likes, unless told otherwise.
  const limits =
    isCommand && options.limits?.stallMs === undefined ? { ...settled.limits, stallMs: Infinity } : settled.limits;
  const telemetry = telemetrySettings(options.variableEnv);
  const output = new GuestOutput({
    ...(logDir === '' ? {} : { directory: logDir }),
    truncate: options.truncateLogs ? locked.components.map(({ id }) => id) : [],
    follow: options.follow,
    echo: options.echo,
  });
  resources.defer(() => output.close());
  if (logDir !== '') {
    options.note(`Logging component stdio to ${JSON.stringify(`${logDir.replace(/\/$/, '')}/`)}`);
  }
  const writes: (() => Promise<void>)[] = [];
  let written: Promise<void> | undefined;
  resources.defer(() => written);
  const prepared = await prepareApp(locked, {
    ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    timeChecks: limits.requestMs !== undefined || limits.cpuMs !== undefined,
    later: (write) => writes.push(write),
  });
  // Messages are fetched, and a command is run, by one thread.
  const threads = types.has('http') ? usefulThreads(options.threads ?? processorsHere(), limits) : 1;
  // Who asks for a number means it; who limits time wants others to be served meanwhile.
  const atOnce = options.threads !== undefined || limits.requestMs !== undefined || limits.cpuMs !== undefined;
  const shares = shareLimits(limits, threads);
  const totals = new MeterTotals();
  const counts = newConnectionCounts(threads);
  const toServe = {
    locked,
    http: withTicketKeys(options.http),
    stateDir,
    runtimeConfig: options.runtimeConfig,
    variables: options.variables,
    variableEnv: options.variableEnv,
    env: options.env,
    keyValues: options.keyValues,
    sqlite: options.sqlite ?? [],
    writableMounts: options.writableMounts,
    threads,
    memoryName: newMemoryName(),
    metered: metricsListen !== undefined || telemetry?.signals.has('metrics') === true,
    telemetry: new Set<Signal>(telemetry?.signals.keys()),
    wasiOtel: options.wasiOtel === true,
    accessLogged: options.accessLog !== undefined,
    args: options.command?.args ?? [],
  };
  const finished = Promise.withResolvers<number>();
  let exporter: Exporter | undefined;
  resources.defer(() => exporter?.close());
  let memory: KeptMemory | undefined;
  resources.defer(() => memory?.close());
  const supervisor = new Supervisor<AppToServe, ServedApp>(launched.entry, {
    threads,
    atOnce,
    appFor: (place) => ({
      ...toServe,
      http: { ...toServe.http, connections: { most: limits.connections, counts, place } },
      limits: shares[place] as Limits,
      fetches: place === FETCHING_PLACE,
    }),
    prepared,
    limits,
    totals,
    output: (batch) => take(batch, output, options, exporter),
    telemetry: (batch) => exporter?.take(batch),
    note: options.note,
    finished: finished.resolve,
    // It is not run again: nobody knows how far it came.
    replaced: (place) => isCommand && place === FETCHING_PLACE && finished.resolve(1),
  });
  if (metricsListen !== undefined) {
    const { serveTotals } = await import('./serve-totals.ts');
    const metrics = await serveTotals(metricsListen, totals, () => supervisor.readMeters());
    resources.defer(() => metrics.close());
    options.note(`Serving metrics at http://${formatAddress(metrics.address)}/metrics`);
  }
  if (telemetry !== undefined) {
    const { openTelemetry } = await import('./open-telemetry.ts');
    exporter = await openTelemetry(options, telemetry, totals, () => supervisor.readMeters());
  }
  let [deadlineMs, ended] = [0, 0];
  resources.defer(async () => {
    ended = await supervisor.stop(deadlineMs);
  });
  const { served, engine } = await supervisor.start(launched);
  if (isCommand) {
    supervisor.feed(options.command?.stdin ?? Readable.from([]));
  }
  totals.engine = engine;
  // Only now: nobody waits for what the next start is to find.
  written = writeAll(writes, options.note);
  giveBackAtRest();
  memory = served.keepsInMemory ? await keepMemory(toServe.memoryName) : undefined;
  for (const line of engineLines(engine, threads, atOnce)) {
    options.note(line);
  }
  return {
    http: served.http,
    announcement: served.announcement,
    finished: finished.promise,
    stop: async (deadline) => {
      // There is no telling when a command would end.
      deadlineMs = isCommand && types.size === 1 ? 0 : deadline;
      await resources.disposeAsync();
      return ended;
    },
  };
}

/** A cache that cannot be written is no reason not to serve. */
async function writeAll(writes: readonly (() => Promise<void>)[], note: RunOptions['note']): Promise<void> {
  for (const write of writes) {
    try {
      await write();
    } catch (error) {
      // expected: the disk
      note(`Warning: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** What node gives to a server of its own, so that a client may come back to another thread and need no new handshake. */
const TICKET_KEY_BYTES = 48;

const withTicketKeys = (http: RunOptions['http']): RunOptions['http'] =>
  http.tls === undefined
    ? http
    : { ...http, tls: { ...http.tls, ticketKeys: crypto.getRandomValues(new Uint8Array(TICKET_KEY_BYTES)) } };

/** Resolves when more can be taken. */
async function take(
  batch: OutputBatch,
  output: GuestOutput,
  { note, onError, taken, accessLog }: Pick<RunOptions, 'note' | 'onError' | 'taken' | 'accessLog'>,
  exporter: Exporter | undefined,
): Promise<void> {
  for (const [source, bytes] of partsOf(batch)) {
    if (source.kind === 'guest') {
      exporter?.printed(source.component, bytes);
      output.write(source.component, source.stream, bytes);
    } else if (source.kind === 'access') {
      accessLog?.write(bytes);
    } else if (source.kind === 'error') {
      onError(source.message, new Error(Buffer.from(bytes).toString()));
    } else {
      note(Buffer.from(bytes).toString());
    }
  }
  await Promise.all([output.ready(), taken?.(), accessLog?.taken()]);
}
