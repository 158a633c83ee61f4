// Entry of a serving thread: loads what it takes to serve, waits to be told what, and does as the supervisor says.
// The only module of the runtime with effects at import.
import { parentPort, workerData } from 'node:worker_threads';
import { chooseResetter, type MemoryResetter } from '../component/index.ts';
import { ThreadMeters } from '../metrics/meters.ts';
import { giveBackAtRest } from '../threads/give-back.ts';
import { Heartbeat } from '../threads/heartbeat.ts';
import { duplicateDescriptor } from '../threads/listening-socket.ts';
import { toPlainError, type FromThread, type ServeMessage, type ToThread } from '../threads/messages.ts';
import { Outbox } from '../threads/outbox.ts';
import type { ThreadData } from '../threads/serving-thread.ts';
import { BeatView } from '../threads/shared-beat.ts';
import { printsEvents, samplerFrom } from '../telemetry/settings.ts';
import type { GuestSignals } from '../telemetry/guest-signals.ts';
import { Outgoing } from '../telemetry/outgoing.ts';
import { Tracer } from '../telemetry/tracer.ts';
import { Tracing } from '../telemetry/tracing.ts';
import type { HttpTrigger } from '../triggers/http/index.ts';
import type { AppToServe, ServedApp, ServedHttp } from './options.ts';
import { serveApp, type ServingApp } from './serve-app.ts';

/** Between readings of the meters, while something is counted. */
const METERS_MS = 1000;

/** Until telemetry is sent on: many spans cost one message. */
const TELEMETRY_MS = 200;

/** Until what was dropped is looked at again. */
const RETRY_MS = 100;

const { beat: shared } = workerData as ThreadData;
const beat = new BeatView(shared);
const send = (message: FromThread<ServedApp>, moved: ArrayBuffer[] = []): void => {
  parentPort?.postMessage(message, moved);
};
const outbox = new Outbox({
  send: (batch) => send({ kind: 'output', batch }, [batch.bytes.buffer]),
  taken: () => beat.taken,
  soon: setImmediate,
  later: (then) => setTimeout(then, RETRY_MS),
  apart: () => exportsLogs,
});
let exportsLogs = false;
let telemetry: Outgoing | undefined;
const meters = new ThreadMeters(() => setTimeout(sendMeters, METERS_MS).unref());
let serving: ServingApp | undefined;

/** Chosen while the supervisor is still busy with the app, unless another is asked for. */
let resetter: MemoryResetter | undefined;
const bestResetter = (): MemoryResetter => (resetter ??= chooseResetter());
if (!process.env['SPINDLE_RESET_MODE']) {
  setImmediate(bestResetter);
}

parentPort?.on('message', (message: ToThread<AppToServe>) => {
  switch (message.kind) {
    case 'serve':
      void serve(message);
      return;
    case 'ping':
      beat.turn = message.turn;
      return;
    case 'read-meters':
      sendMeters();
      return;
    case 'telemetry-taken':
      telemetry?.taken();
      return;
    case 'stop':
      void stop(message.deadlineMs);
  }
});

async function serve({ app, components, prepared, listening }: ServeMessage<AppToServe>): Promise<void> {
  const { limits, http } = app;
  const heartbeat = new Heartbeat(shared, components, limits);
  const timed = limits.requestMs !== undefined || limits.cpuMs !== undefined;
  try {
    const joined = listening.kind === 'join' ? listening.socket : undefined;
    const socket = joined === undefined ? {} : { socket: duplicateDescriptor(joined) };
    serving = await serveApp(
      { ...app, http: { ...http, ...socket } },
      { prepared, first: listening.kind === 'open', bestResetter },
      {
        log: outbox.guest,
        note: outbox.note,
        onError: outbox.error,
        engine: { watch: heartbeat, ...(timed ? { interrupt: heartbeat.interrupt } : {}) },
        ...(app.metered ? { meters } : {}),
        ...telemetryOf(app),
        ...(app.accessLogged ? { access: outbox.access } : {}),
      },
    );
    const { http: trigger, announcement, command } = serving;
    outbox.flush();
    send({
      kind: 'serving',
      served: {
        http: trigger && servedHttp(trigger),
        announcement,
        keepsInMemory: serving.keepsInMemory,
      },
      socket: listening.kind === 'open' && trigger !== undefined ? duplicateDescriptor(trigger.socket) : undefined,
      engine: serving.engine,
    });
    giveBackAtRest();
    if (command !== undefined) {
      void command().then((code) => {
        outbox.flush();
        send({ kind: 'finished', code });
      });
    }
  } catch (error) {
    // expected: the supervisor says what is wrong
    send({ kind: 'failed', error: toPlainError(error) });
  }
}

const servedHttp = ({ address, baseUrl, routes }: HttpTrigger): ServedHttp => ({
  address,
  baseUrl,
  routes: { list: routes.list, warnings: routes.warnings },
});

function telemetryOf({ telemetry: signals, variableEnv: env }: AppToServe): {
  tracing?: Tracing;
  guestSignals?: GuestSignals;
} {
  exportsLogs = signals.has('logs');
  if (signals.size === 0) {
    return {};
  }
  const outgoing = new Outgoing({
    send: (batch) => send({ kind: 'telemetry', batch }),
    later: (then) => setTimeout(then, TELEMETRY_MS).unref(),
  });
  telemetry = outgoing;
  return {
    ...(signals.has('traces')
      ? { tracing: new Tracing(new Tracer(samplerFrom(env), outgoing.span), printsEvents(env)) }
      : {}),
    guestSignals: {
      ...(signals.has('logs') ? { log: (log) => outgoing.log(log) } : {}),
      ...(signals.has('metrics') ? { metrics: (metrics) => outgoing.metrics(metrics) } : {}),
    },
  };
}

async function stop(deadlineMs: number): Promise<void> {
  let ended = 0;
  try {
    ended = (await serving?.stop(deadlineMs)) ?? 0;
  } catch (error) {
    // expected: a store may fail to close; the thread ends nevertheless
    outbox.error('Error stopping', error);
  }
  outbox.flush();
  telemetry?.flush(true);
  sendMeters();
  send({ kind: 'stopped', ended });
}

function sendMeters(): void {
  send({ kind: 'meters', reading: meters.read() });
}
