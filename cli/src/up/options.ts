// The flags of `spindle up`, as commander reads them and as the run takes them (spin-contract.md §3.5, §5.3).
import { Option, type Command } from 'commander';
import { invalidFlag } from '../errors.ts';
import { repeatable } from '../pairs.ts';
import { duration, durationRange, wholeNumber, type TimeRange } from './values.ts';

/** What commander gives for `up`. */
export interface UpFlags {
  from?: string;
  fromFile?: string;
  /** Alias of fromFile. */
  file?: string;
  fromRegistry?: string;
  /** Of a file with several SpinApps. */
  app?: string;
  profile?: string;
  build?: boolean;
  componentId?: string[];
  insecure?: boolean;
  env?: string[];
  temp?: string;
  /** Alias of temp. */
  tmp?: string;
  cacheDir?: string;
  directMounts?: boolean;
  logDir?: string;
  truncateLogs?: boolean;
  disableCache?: boolean;
  experimentalWasiOtel?: boolean;
  follow?: string[];
  quiet?: boolean;
  /** Aliases of quiet. */
  sh?: boolean;
  shush?: boolean;
  runtimeConfigFile?: string;
  stateDir?: string;
  allowTransientWrite?: boolean;
  keyValue?: string[];
  sqlite?: string[];
  variable?: string[];
  listen: string;
  tlsCert?: string;
  tlsKey?: string;
  http1MaxBufSize?: number;
  findFreePort?: boolean;
  format: 'plain' | 'json';
  shutdownTimeout: number;
  metricsListen?: string;
  accessLog?: string;
  /** In bytes. */
  maxInstanceMemory?: number;
  requestTimeout?: TimeRange;
  /** In milliseconds. */
  cpuTimeout?: number;
  maxConcurrentRequests?: number;
  maxQueuedRequests?: number;
  /** In milliseconds. */
  stallTimeout?: number;
  maxConnections?: number;
  maxHeaderFields?: number;
  maxBodySize?: number;
  /** These four in milliseconds; 0 is no limit. */
  headerTimeout?: number;
  bodyTimeout?: number;
  writeTimeout?: number;
  keepAliveTimeout?: number;
  threads?: number;
}

/** hyper refuses less too. */
const LEAST_HEADER_BYTES = 8192;

/** A thread that compiles a component or collects garbage stands still for tenths of a second. */
const LEAST_STALL_MS = 1000;

/** A head of so many fields is as long as any may be by default. */
const MOST_HEADER_FIELDS = 10_000;

/** Each takes some ten megabytes; nobody has more processors than this for one app. */
const MOST_THREADS = 1024;

const seconds =
  (flag: string) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0) {
      throw invalidFlag(flag, 'a number of seconds', text);
    }
    return value;
  };

const hidden = (flags: string, text: string): Option => new Option(flags, text).hideHelp();

export function addUpOptions(command: Command): Command {
  command.optionsGroup('Application:');
  command
    .option(
      '-f, --from <source>',
      'spin.toml, folder, .wasm file, OCI reference, or YAML of a SpinApp (default: the nearest spin.toml)',
    )
    .addOption(hidden('--from-file <path>', 'like --from, but always a path'))
    .addOption(hidden('--file <path>', 'older name of --from-file'))
    .addOption(hidden('--from-registry <reference>', 'like --from, but always a reference'))
    .option('--app <name>', 'which SpinApp of a YAML file to run')
    .option('--profile <name>', 'build profile of the manifest to use')
    .option('--build', 'run the build commands first (env: SPIN_ALWAYS_BUILD)')
    .option('-c, --component-id <id>', 'serve only this component (repeatable)', repeatable)
    .option('-k, --insecure', 'reach the registry over plain HTTP')
    .option('--cache-dir <dir>', 'cache of registry content')
    .option('--temp <dir>', 'folder for copies of assets, kept afterwards (default: a temporary one)')
    .addOption(hidden('--tmp <dir>', 'alias of --temp'))
    .option('--direct-mounts', 'mount asset folders in place of copying them')
    .option('--allow-transient-write', 'let guests write to their copy of the assets');
  command.optionsGroup('Configuration:');
  command
    .option('-e, --env <key=value>', 'environment variable for every component (repeatable)', repeatable)
    .option(
      '--variable <key=value>',
      'application variable; also key=@file, @file.json, @file.toml (repeatable)',
      repeatable,
    )
    .option('--key-value <key=value>', 'set a key of the default store before start (repeatable)', repeatable)
    .option('--sqlite <statement>', 'SQL to run before start; also @file[:label] (repeatable)', repeatable)
    .addOption(
      new Option('--runtime-config-file <file>', 'stores and providers of this deployment').env('RUNTIME_CONFIG_FILE'),
    )
    .option('--state-dir <dir>', 'where state is kept; "" for memory (default: .spin beside spin.toml)');
  command.optionsGroup('HTTP:');
  command
    .addOption(
      new Option('--listen <address>', 'address and port').env('SPIN_HTTP_LISTEN_ADDR').default('127.0.0.1:3000'),
    )
    .option('--find-free-port', 'take the next free port when the given one is in use')
    .addOption(new Option('--tls-cert <file>', 'certificate chain, PEM').env('SPIN_TLS_CERT'))
    .addOption(new Option('--tls-key <file>', 'private key, PEM').env('SPIN_TLS_KEY'))
    .addOption(
      new Option('--http1-max-buf-size <bytes>', 'largest request head (default: 417792)')
        .env('SPIN_HTTP1_MAX_BUF_SIZE')
        .argParser(
          wholeNumber('--http1-max-buf-size', {
            least: LEAST_HEADER_BYTES,
            expected: `a whole number of bytes, at least ${LEAST_HEADER_BYTES}`,
          }),
        ),
    )
    .addOption(new Option('--format <format>', 'start-up text').choices(['plain', 'json']).default('plain'))
    .option(
      '--shutdown-timeout <seconds>',
      'how long running requests may finish after SIGTERM',
      seconds('--shutdown-timeout'),
      30,
    )
    .option('--metrics-listen <address>', 'address and port for /metrics (default: none)');
  addLimitOptions(command.optionsGroup('Limits:'));
  addClientLimitOptions(command.optionsGroup('Limits of clients:'));
  command.optionsGroup('Logs:');
  command
    .addOption(
      new Option(
        '-L, --log-dir <dir>',
        'where components log; "" for no files (default: logs in the state folder)',
      ).env('SPIN_LOG_DIR'),
    )
    .option('--truncate-logs', 'empty the log files first')
    .option('--access-log <file>', 'a line of JSON for each request; "-" for standard output (default: none)')
    .option('--follow <component>', 'echo only this component (repeatable)', repeatable)
    .option('-q, --quiet', 'echo no component')
    .addOption(hidden('--sh', 'alias of --quiet'))
    .addOption(hidden('--shush', 'alias of --quiet'));
  command.optionsGroup('Engine:');
  command
    .option(
      '--threads <n>',
      'threads that serve (default: one, and under load as many as processors may be used)',
      wholeNumber('--threads', { least: 1, most: MOST_THREADS, expected: `a number from 1 to ${MOST_THREADS}` }),
    )
    .addOption(new Option('--disable-cache', 'prepare components anew').env('DISABLE_WASMTIME_CACHE'))
    .option('--experimental-wasi-otel', 'let components send telemetry of their own (wasi:otel)');
  // Knobs of another engine: scripts that pass them keep working, and nothing changes.
  for (const flags of [
    '--cache <file>',
    '--disable-pooling',
    '--debug-info',
    '--max-instance-reuse-count <range>',
    '--max-instance-concurrent-reuse-count <range>',
    '--idle-instance-timeout <duration>',
  ]) {
    command.addOption(hidden(flags, 'accepted for compatibility; has no effect'));
  }
  return command;
}

const requests = (flag: string, least: number): ((text: string) => number) =>
  wholeNumber(flag, { least, expected: `a whole number from ${least}` });

/** The defaults are those of the runtime; limits.test.ts compares them. */
function addLimitOptions(command: Command): void {
  command
    .addOption(
      new Option('--max-instance-memory <bytes>', 'size of each memory of a component (default: what it declares)')
        .env('SPIN_MAX_INSTANCE_MEMORY')
        .argParser(
          wholeNumber('--max-instance-memory', {
            least: 0,
            expected: 'a whole number of bytes',
            remedy: 'Write 134217728 for 128 MiB.',
          }),
        ),
    )
    .option(
      '--request-timeout <time>',
      'how long a request may take, such as 30s, 500ms or 1..8s (default: no limit)',
      durationRange('--request-timeout'),
    )
    .option(
      '--cpu-timeout <time>',
      'how long a request may compute (default: no limit)',
      duration('--cpu-timeout', { least: 1, expected: 'a time above 0' }),
    )
    .option(
      '--max-concurrent-requests <n>',
      'requests handled by components at once (default: 1000)',
      requests('--max-concurrent-requests', 1),
    )
    .option(
      '--max-queued-requests <n>',
      'requests waiting for their turn; others get 503 (default: 1000)',
      requests('--max-queued-requests', 0),
    )
    .option(
      '--stall-timeout <time>',
      'when a thread that hangs is replaced (default: 60s, or twice the longest other time)',
      duration('--stall-timeout', { least: LEAST_STALL_MS, expected: 'a time from 1s' }),
    );
}

const timeLimit = (flag: string): ((text: string) => number) =>
  duration(flag, { least: 0, expected: 'a time, or 0 for no limit' });

/** The defaults are those of the runtime; limits.test.ts compares them. */
function addClientLimitOptions(command: Command): void {
  command
    .option(
      '--max-connections <n>',
      'connections at once; others are closed (default: 10000, at most half of the open files)',
      wholeNumber('--max-connections', { least: 1, expected: 'a whole number from 1' }),
    )
    .option(
      '--max-header-fields <n>',
      'header fields of a request; more get 431 (default: 100)',
      wholeNumber('--max-header-fields', {
        least: 1,
        most: MOST_HEADER_FIELDS,
        expected: `a number from 1 to ${MOST_HEADER_FIELDS}`,
      }),
    )
    .option(
      '--max-body-size <bytes>',
      'bytes of a request body; more get 413 (default: no limit)',
      wholeNumber('--max-body-size', { least: 0, expected: 'a whole number of bytes' }),
    )
    .option(
      '--header-timeout <time>',
      'how long a client may take for the head of a request; 0 for no limit (default: 60s)',
      timeLimit('--header-timeout'),
    )
    .option(
      '--body-timeout <time>',
      'how long a client may send nothing of a body that is waited for (default: 60s)',
      timeLimit('--body-timeout'),
    )
    .option(
      '--write-timeout <time>',
      'how long a client may take nothing of its response (default: 60s)',
      timeLimit('--write-timeout'),
    )
    .option(
      '--keep-alive-timeout <time>',
      'how long a connection may stay without a request (default: 75s)',
      timeLimit('--keep-alive-timeout'),
    );
}

/** Host and port of `flag`; an IPv6 host stands in brackets. */
export function parseListen(text: string, flag = '--listen'): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined || !(port <= 65_535)) {
    throw invalidFlag(flag, 'an address', text, 'Write host:port, for example 127.0.0.1:3000 or [::1]:3000.');
  }
  return { host, port };
}
