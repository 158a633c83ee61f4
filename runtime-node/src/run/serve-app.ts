// Opens an app in this thread and serves it until it is stopped.
import { UserError } from '@spindle/api';
import { openApp } from '../app/open-app.ts';
import { parseRuntimeConfig, summaryOf } from '../app/runtime-config.ts';
import {
  chooseResetter,
  RESET_MODES,
  ResetModeUnavailable,
  type EngineOptions,
  type MemoryResetter,
  type PreparedComponent,
} from '../component/index.ts';
import type { Stdio } from '../host/guest.ts';
import {
  KeyValueStores,
  openProviders,
  runInitialStatements,
  setInitialKeyValues,
  SqliteDatabases,
} from '../host/index.ts';
import { memoryIsShort } from '../limits/index.ts';
import type { ComponentEngine, ThreadMeters } from '../metrics/meters.ts';
import { startHttpTrigger, type HttpTrigger } from '../triggers/http/index.ts';
import { RunningCalls } from '../triggers/running-calls.ts';
import { stopTriggers, type MessageTrigger, type Trigger } from '../triggers/trigger.ts';
import type { GuestSignals } from '../telemetry/guest-signals.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { hostCapabilities } from './capabilities.ts';
import { checkTriggers } from './check-triggers.ts';
import { meterSources } from './meter-sources.ts';
import type { AppToServe } from './options.ts';
import { prepareCommand, startMessageTriggers } from './start-triggers.ts';

export interface ServeEffects {
  readonly log: (component: string, stream: Stdio, bytes: Uint8Array) => void;
  readonly note: (line: string) => void;
  readonly onError: (message: string, error: unknown) => void;
  readonly engine: Pick<EngineOptions, 'watch' | 'interrupt'>;
  readonly meters?: ThreadMeters;
  readonly tracing?: Tracing;
  /** What guests send to a collector by themselves. */
  readonly guestSignals?: GuestSignals;
  readonly access?: (line: string) => void;
}

export interface ServeOptions {
  readonly prepared: ReadonlyMap<string, PreparedComponent>;
  /** Whether the app starts with this thread: the others find what it has set. */
  readonly first: boolean;
  /** Gives what was chosen ahead, which takes some milliseconds; default: chooses. */
  readonly bestResetter?: () => MemoryResetter;
}

export interface ServingApp {
  readonly http: HttpTrigger | undefined;
  readonly announcement: readonly string[];
  /** Runs the command of the app, if it is one and this thread is to; resolves to its exit code. */
  readonly command: (() => Promise<number>) | undefined;
  readonly engine: readonly ComponentEngine[];
  readonly keepsInMemory: boolean;
  /** Drains for at most `deadlineMs`; resolves to the number of requests that had to be ended. */
  stop(deadlineMs: number): Promise<number>;
}

export async function serveApp(
  toServe: AppToServe,
  { prepared, first, bestResetter = chooseResetter }: ServeOptions,
  effects: ServeEffects,
): Promise<ServingApp> {
  const { locked, limits, stateDir, runtimeConfig: config, meters } = { ...toServe, meters: effects.meters };
  const capabilities = hostCapabilities(
    toServe.variableEnv,
    toServe.wasiOtel ? { guestSignals: effects.guestSignals ?? {} } : {},
  );
  const runtimeConfig = config && parseRuntimeConfig(config.text, config.file, capabilities);
  const app = await openApp({
    locked,
    capabilities,
    prepared,
    ...(runtimeConfig === undefined ? {} : { runtimeConfig }),
    ...(stateDir === undefined ? {} : { stateDir }),
    network: {
      warn: effects.note,
      threads: toServe.threads,
      ...(meters === undefined ? {} : { instruments: meters }),
    },
    memoryName: toServe.memoryName,
    variablesProviders: await openProviders({
      given: toServe.variables,
      environment: toServe.variableEnv,
      sections: runtimeConfig?.sections ?? {},
    }),
    env: toServe.env,
    writableMounts: toServe.writableMounts,
    engine: {
      ...effects.engine,
      resetter: resetterFor(toServe.variableEnv['SPINDLE_RESET_MODE'], bestResetter),
      underPressure: memoryIsShort,
      ...(limits.instanceMemory === undefined ? {} : { instanceMemory: limits.instanceMemory }),
    },
    log: effects.log,
    ...(meters === undefined && effects.tracing === undefined ? {} : { observed: observedBy(meters) }),
  });
  try {
    const found = app.capabilityState('key-value');
    const stores = found instanceof KeyValueStores ? found : undefined;
    if (first && stores !== undefined) {
      await setInitialKeyValues(stores, toServe.keyValues);
    }
    if (first) {
      for (const line of [summaryOf(runtimeConfig), stores?.summary]) {
        if (line !== undefined) {
          effects.note(line);
        }
      }
    }
    const databases = app.capabilityState('sqlite');
    if (first && databases instanceof SqliteDatabases) {
      await runInitialStatements(databases, toServe.sqlite);
    }
    const calls = new RunningCalls({
      limits,
      onError: effects.onError,
      ...(meters === undefined ? {} : { meters }),
      ...(effects.tracing === undefined ? {} : { tracing: effects.tracing }),
      ...(effects.access === undefined ? {} : { access: effects.access }),
    });
    meters?.watch(meterSources(app, calls));
    const types = checkTriggers(locked);
    const http = types.has('http') ? await startHttpTrigger(app, toServe.http, calls) : undefined;
    const triggers: Trigger[] = http === undefined ? [] : [http];
    let messages: readonly MessageTrigger[] = [];
    try {
      const command = first && types.has('command') ? await prepareCommand(app, calls, toServe.args) : undefined;
      if (command !== undefined) {
        triggers.push(command);
      }
      if (toServe.fetches) {
        messages = await startMessageTriggers(app, calls, { types, env: toServe.variableEnv });
        triggers.push(...messages);
      }
      return {
        http,
        announcement: messages.flatMap(({ announcement }) => announcement),
        command: command?.run,
        engine: [...app.components].map(([component, { linked }]) => ({ component, ...linked.reset })),
        keepsInMemory: stores?.inMemory ?? false,
        stop: async (deadlineMs) => {
          const ended = await stopTriggers(triggers, calls, deadlineMs);
          await app.close();
          return ended;
        },
      };
    } catch (error) {
      await stopTriggers(triggers, calls, 0);
      throw error;
    }
  } catch (error) {
    await app.close();
    throw error;
  }
}

const observedBy = (meters: ThreadMeters | undefined) =>
  meters === undefined
    ? {}
    : {
        counted: (component: string, call: string, succeeded: boolean, model?: string) =>
          meters.hostCall(component, call, succeeded, model),
      };

/** `asked` is what an operator or a test wants. */
function resetterFor(asked: string | undefined, best: () => MemoryResetter): MemoryResetter {
  const forced = RESET_MODES.find((mode) => mode === asked);
  if (asked !== undefined && asked !== '' && forced === undefined) {
    throw noSuchMode(`SPINDLE_RESET_MODE must be one of ${RESET_MODES.join(', ')}, not ${JSON.stringify(asked)}`);
  }
  try {
    return forced === undefined ? best() : chooseResetter(forced);
  } catch (error) {
    throw error instanceof ResetModeUnavailable ? noSuchMode(error.message, error) : error;
  }
}

const noSuchMode = (message: string, cause?: Error): UserError =>
  new UserError(message, {
    code: 'SPK4051',
    field: 'SPINDLE_RESET_MODE',
    remedy: 'Unset it, so that the best mode that works here is taken.',
    ...(cause === undefined ? {} : { cause }),
  });
