// The flags of `spindle up`, as commander reads them and as the run takes them (spin-contract.md §3.5, §5.3).
import { Option, type Command } from 'commander';
import { invalidFlag } from '../errors.ts';
import { repeatable } from '../pairs.ts';

/** What commander gives for `up`. */
export interface UpFlags {
  from?: string;
  fromFile?: string;
  /** Alias of fromFile. */
  file?: string;
  fromRegistry?: string;
  profile?: string;
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
  follow?: string[];
  quiet?: boolean;
  /** Aliases of quiet. */
  sh?: boolean;
  shush?: boolean;
  runtimeConfigFile?: string;
  stateDir?: string;
  allowTransientWrite?: boolean;
  keyValue?: string[];
  variable?: string[];
  listen: string;
  tlsCert?: string;
  tlsKey?: string;
  http1MaxBufSize?: number;
  findFreePort?: boolean;
  format: 'plain' | 'json';
  shutdownTimeout: number;
}

const bytes =
  (flag: string) =>
  (text: string): number => {
    const value = Number(text);
    // hyper refuses less than 8192 too.
    if (!Number.isSafeInteger(value) || value < 8192) {
      throw invalidFlag(flag, 'a whole number of bytes, at least 8192', text);
    }
    return value;
  };

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
    .option('-f, --from <source>', 'spin.toml, folder, .wasm file or OCI reference (default: the nearest spin.toml)')
    .addOption(hidden('--from-file <path>', 'like --from, but always a path'))
    .addOption(hidden('--file <path>', 'older name of --from-file'))
    .addOption(hidden('--from-registry <reference>', 'like --from, but always a reference'))
    .option('--profile <name>', 'build profile of the manifest to use')
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
        .argParser(bytes('--http1-max-buf-size')),
    )
    .addOption(new Option('--format <format>', 'start-up text').choices(['plain', 'json']).default('plain'))
    .option(
      '--shutdown-timeout <seconds>',
      'how long running requests may finish after SIGTERM',
      seconds('--shutdown-timeout'),
      30,
    );
  command.optionsGroup('Logs:');
  command
    .addOption(
      new Option(
        '-L, --log-dir <dir>',
        'where components log; "" for no files (default: logs in the state folder)',
      ).env('SPIN_LOG_DIR'),
    )
    .option('--truncate-logs', 'empty the log files first')
    .option('--follow <component>', 'echo only this component (repeatable)', repeatable)
    .option('-q, --quiet', 'echo no component')
    .addOption(hidden('--sh', 'alias of --quiet'))
    .addOption(hidden('--shush', 'alias of --quiet'));
  command.optionsGroup('Engine:');
  command.addOption(new Option('--disable-cache', 'prepare components anew').env('DISABLE_WASMTIME_CACHE'));
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

/** Host and port of `--listen`; an IPv6 host stands in brackets. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined || !(port <= 65_535)) {
    throw invalidFlag('--listen', 'an address', text, 'Write host:port, for example 127.0.0.1:3000 or [::1]:3000.');
  }
  return { host, port };
}
