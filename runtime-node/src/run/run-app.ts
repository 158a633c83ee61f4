// Runs a loaded application until it is stopped: opens it, starts its triggers, drains them at the end.
import { join } from 'node:path';
import { createEnvProvider, createStaticProvider, UserError, type LockedApp } from '@spindle/api';
import { openApp } from '../app/open-app.ts';
import { prepareApp } from '../app/prepare-app.ts';
import { chooseResetter } from '../component/index.ts';
import { directorySetting, parseRuntimeConfig } from '../app/runtime-config.ts';
import { KeyValueStores, setInitialKeyValues } from '../host/index.ts';
import { hostCapabilities } from './capabilities.ts';
import {
  INSTANCE_MEMORY_KEY,
  instanceMemorySetting,
  limitsFrom,
  memoryIsShort,
  type GivenLimits,
} from '../limits/index.ts';
import { GuestOutput } from '../logs/guest-output.ts';
import { startHttpTrigger, type HttpTrigger } from '../triggers/http/index.ts';
import type { ListenAddress, ListenerOptions } from '../triggers/http/index.ts';

export interface RunOptions {
  readonly locked: LockedApp;
  readonly http: ListenerOptions;
  /** Above all else; '' keeps all state in memory. */
  readonly stateDir?: string;
  /** When the runtime configuration names none either. */
  readonly defaultStateDir?: string;
  /** '' writes no log files; undefined takes `<state dir>/logs`. */
  readonly logDir?: string;
  readonly truncateLogs: boolean;
  /** Components whose output is echoed. */
  readonly follow: 'all' | ReadonlySet<string>;
  readonly runtimeConfig?: { readonly file: string; readonly text: string };
  /** Application variables of the highest precedence. */
  readonly variables: ReadonlyMap<string, string>;
  /** What the env provider reads: the process environment, `.env` already merged below it. */
  readonly variableEnv: Readonly<Record<string, string | undefined>>;
  /** Merged over the environment of every component. */
  readonly env: Readonly<Record<string, string>>;
  /** Set in the default store before the app starts. */
  readonly keyValues: ReadonlyMap<string, string>;
  readonly cacheDir?: string;
  readonly writableMounts: boolean;
  /** As far as they were given; `instanceMemory` comes before that of the runtime configuration. */
  readonly limits?: GivenLimits;
  /** Threads that serve; as many as the process may use processors when undefined. */
  readonly threads?: number;
  /** Where `/metrics` is served; nowhere when undefined. */
  readonly metricsListen?: ListenAddress;
  /** Takes guest output that is echoed. */
  readonly echo: (bytes: Uint8Array) => void;
  /** Hears of things worth a line on stderr. */
  readonly note: (line: string) => void;
  readonly onError: (message: string, error: unknown) => void;
}

export interface RunningApp {
  readonly http: HttpTrigger;
  /** Drains for at most `deadlineMs`; resolves to the number of requests that had to be ended. */
  stop(deadlineMs: number): Promise<number>;
}

export async function runApp(options: RunOptions): Promise<RunningApp> {
  const { locked } = options;
  checkTriggers(locked);
  const capabilities = hostCapabilities(options.note, options.variableEnv);
  const runtimeConfig =
    options.runtimeConfig && parseRuntimeConfig(options.runtimeConfig.text, options.runtimeConfig.file, capabilities);
  const stateDir =
    (options.stateDir ?? directorySetting(runtimeConfig, 'state_dir') ?? options.defaultStateDir) || undefined;
  const logDir =
    options.logDir ?? directorySetting(runtimeConfig, 'log_dir') ?? (stateDir && join(stateDir, 'logs')) ?? '';
  const output = new GuestOutput({
    ...(logDir === '' ? {} : { directory: logDir }),
    truncate: options.truncateLogs ? locked.components.map(({ id }) => id) : [],
    follow: options.follow,
    echo: options.echo,
  });
  if (logDir !== '') {
    options.note(`Logging component stdio to ${JSON.stringify(`${logDir.replace(/\/$/, '')}/`)}`);
  }
  const limits = limitsFrom({
    ...options.limits,
    instanceMemory:
      options.limits?.instanceMemory ??
      instanceMemorySetting(runtimeConfig?.sections[INSTANCE_MEMORY_KEY], runtimeConfig?.file),
  });
  const app = await openApp({
    locked,
    capabilities,
    ...(runtimeConfig === undefined ? {} : { runtimeConfig }),
    ...(stateDir === undefined ? {} : { stateDir }),
    prepared: await prepareApp(locked, options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    variablesProviders: [createStaticProvider(options.variables), createEnvProvider(options.variableEnv)],
    env: options.env,
    writableMounts: options.writableMounts,
    engine: {
      resetter: chooseResetter(),
      underPressure: memoryIsShort,
      ...(limits.instanceMemory === undefined ? {} : { instanceMemory: limits.instanceMemory }),
    },
    log: (component, stream, bytes) => output.write(component, stream, bytes),
  });
  const close = async (): Promise<void> => {
    await app.close();
    await output.close();
  };
  try {
    const stores = app.capabilityState('key-value');
    if (stores instanceof KeyValueStores) {
      await setInitialKeyValues(stores, options.keyValues);
    }
    const http = await startHttpTrigger(app, { ...options.http, limits, onError: options.onError });
    return {
      http,
      stop: async (deadlineMs) => {
        const ended = await http.close(deadlineMs);
        await close();
        return ended;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Only HTTP is served by this version. */
function checkTriggers(locked: LockedApp): void {
  if (locked.triggers.length === 0) {
    throw new UserError('No triggers in app', {
      code: 'SPK4021',
      field: 'trigger',
      remedy: 'Add a [[trigger.http]] to the manifest.',
    });
  }
  const other = locked.triggers.find(({ trigger_type }) => trigger_type !== 'http');
  if (other !== undefined) {
    throw new UserError(`No built-in trigger named '${other.trigger_type}'`, {
      code: 'SPK4022',
      field: `trigger.${other.trigger_type}`,
      remedy: 'This version of Spindle serves http triggers.',
    });
  }
}
