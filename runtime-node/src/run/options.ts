// What a run takes, and what of it a serving thread gets.
import type { Readable } from 'node:stream';
import type { LockedApp } from '@spindle/api';
import type { InitialStatements } from '../host/index.ts';
import type { GivenLimits, Limits } from '../limits/index.ts';
import type { Signal } from '../telemetry/settings.ts';
import type { ListedRoute } from '../triggers/http/index.ts';
import type { ListenAddress, ListenerOptions } from '../triggers/http/address.ts';

export interface RunOptions {
  readonly locked: LockedApp;
  readonly http: ListenerOptions;
  /** What a command gets, if the app is one. */
  readonly command?: { readonly args: readonly string[]; readonly stdin: Readable };
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
  /** Run before the app starts. */
  readonly sqlite?: readonly InitialStatements[];
  readonly cacheDir?: string;
  readonly writableMounts: boolean;
  /** As far as they were given; `instanceMemory` comes before that of the runtime configuration. */
  readonly limits?: GivenLimits;
  /** Threads that serve; as many as the process may use processors when undefined. */
  readonly threads?: number;
  /** Where `/metrics` is served; nowhere when undefined. */
  readonly metricsListen?: ListenAddress;
  /** Takes lines of JSON, each with its end; `taken` as below. */
  readonly accessLog?: { readonly write: (bytes: Uint8Array) => void; readonly taken: () => Promise<void> };
  /** Whose telemetry it is. */
  readonly version?: string;
  /** Guests may import wasi:otel. */
  readonly wasiOtel?: boolean;
  /** Takes guest output that is echoed. */
  readonly echo: (bytes: Uint8Array) => void;
  /** Hears of things worth a line on stderr. */
  readonly note: (line: string) => void;
  readonly onError: (message: string, error: unknown) => void;
  /** Resolves when all that the three above have taken has gone its way; guests' output is dropped while it does not. */
  readonly taken?: () => Promise<void>;
}

/** What a thread needs to serve the app: plain data, the same for all of them but for the limits. */
export interface AppToServe {
  readonly locked: LockedApp;
  readonly http: ListenerOptions;
  readonly stateDir: string | undefined;
  readonly runtimeConfig: RunOptions['runtimeConfig'];
  readonly variables: ReadonlyMap<string, string>;
  readonly variableEnv: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string>>;
  /** For the thread that is the first to serve. */
  readonly keyValues: ReadonlyMap<string, string>;
  readonly sqlite: readonly InitialStatements[];
  readonly writableMounts: boolean;
  /** This thread's share. */
  readonly limits: Limits;
  readonly threads: number;
  /** Name of what is kept in memory, and yet by all threads of the run. */
  readonly memoryName: string;
  /** Whether somebody may ask for what is counted. */
  readonly metered: boolean;
  /** Whether this thread is the one that fetches messages and events: each is to come once. */
  readonly fetches: boolean;
  /** Arguments of the command, if the app is one. */
  readonly args: readonly string[];
  /** What is sent to a collector; serving threads record spans for it. */
  readonly telemetry: ReadonlySet<Signal>;
  /** Whether guests may import wasi:otel. */
  readonly wasiOtel: boolean;
  /** Whether there is an access log. */
  readonly accessLogged: boolean;
}

/** Where the app is served, for the start-up text. */
export interface ServedHttp {
  readonly address: ListenAddress;
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  readonly routes: { readonly list: readonly ListedRoute[]; readonly warnings: readonly string[] };
}

/** What a thread tells of the app as it serves it. */
export interface ServedApp {
  /** Undefined without http triggers. */
  readonly http: ServedHttp | undefined;
  /** What the other triggers have to say at start, a line each. */
  readonly announcement: readonly string[];
  /** It keeps something in memory that the other threads, and those that replace it, shall find. */
  readonly keepsInMemory: boolean;
}
