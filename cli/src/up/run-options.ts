// From the flags and the environment of `spindle up` to the options of a run. Whatever is wrong with them is found
// here, before the app is loaded.
import { join, resolve } from 'node:path';
import { parseVariableArguments } from '@spindle/api';
import { DEFAULT_MAX_HEADER_BYTES, type RunOptions } from '@spindle/runtime';
import type { Console } from '../console.ts';
import { readText } from '../given-file.ts';
import { parsePairs } from '../pairs.ts';
import { VERSION } from '../version.ts';
import { openAccessLog } from './access-log.ts';
import { readDotenv } from './dotenv.ts';
import { givenClientLimits, givenLimits } from './limits.ts';
import { parseListen, type UpFlags } from './options.ts';
import { parseSqlite } from './sqlite.ts';
import { readTlsFiles } from './tls.ts';

/** `cacheDir` is where the registry's content is kept; prepared components go beside it. */
export async function runOptions(
  flags: UpFlags,
  cacheDir: string,
  console: Console,
): Promise<Omit<RunOptions, 'locked'>> {
  const { cwd, env } = console;
  const tls = await readTlsFiles(flags, cwd);
  return {
    http: {
      address: parseListen(flags.listen),
      findFreePort: flags.findFreePort ?? false,
      maxHeaderBytes: flags.http1MaxBufSize ?? DEFAULT_MAX_HEADER_BYTES,
      clientLimits: givenClientLimits(flags),
      ...(tls === undefined ? {} : { tls }),
    },
    ...(flags.stateDir === undefined ? {} : { stateDir: inCwd(flags.stateDir, cwd) }),
    ...(flags.logDir === undefined ? {} : { logDir: inCwd(flags.logDir, cwd) }),
    truncateLogs: flags.truncateLogs ?? false,
    follow: followed(flags),
    ...(flags.runtimeConfigFile === undefined ? {} : { runtimeConfig: runtimeConfig(flags.runtimeConfigFile, cwd) }),
    variables: parseVariableArguments(flags.variable ?? [], (path) => readText(resolve(cwd, path), '--variable')),
    variableEnv: { ...(await readDotenv(cwd)), ...env },
    env: Object.fromEntries(parsePairs('--env', flags.env)),
    keyValues: parsePairs('--key-value', flags.keyValue),
    sqlite: parseSqlite(flags.sqlite, (path) => readText(resolve(cwd, path), '--sqlite')),
    ...(flags.disableCache ? {} : { cacheDir: join(cacheDir, 'spindle') }),
    writableMounts: flags.allowTransientWrite ?? false,
    wasiOtel: flags.experimentalWasiOtel ?? false,
    limits: givenLimits(flags),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.metricsListen === undefined
      ? {}
      : { metricsListen: parseListen(flags.metricsListen, '--metrics-listen') }),
    ...(flags.accessLog === undefined ? {} : { accessLog: openAccessLog(flags.accessLog, cwd) }),
    version: VERSION,
    echo: console.errBytes,
    taken: console.errTaken,
    note: console.err,
    onError: (message, error) => console.err(`${message}: ${error instanceof Error ? error.message : String(error)}`),
  };
}

/** '' stays '', since it means none. */
const inCwd = (path: string, cwd: string): string => (path === '' ? '' : resolve(cwd, path));

const followed = ({ quiet, sh, shush, follow }: UpFlags): 'all' | Set<string> =>
  quiet || sh || shush ? new Set() : follow === undefined ? 'all' : new Set(follow);

function runtimeConfig(file: string, cwd: string): { file: string; text: string } {
  const path = resolve(cwd, file);
  return { file: path, text: readText(path, '--runtime-config-file') };
}
