// `spindle up`: load the app, run it, and stay until a signal asks to stop.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseVariableArguments, UserError } from '@spindle/api';
import { loadApp, resolveSource, type AppSource, type LoadedApp } from '@spindle/loader';
import { storedCredentials } from '@spindle/oci';
import { runApp, DEFAULT_MAX_HEADER_BYTES, type RunOptions } from '@spindle/runtime';
import type { Console } from '../console.ts';
import { userPaths } from '../paths.ts';
import { readBytes, readText } from '../given-file.ts';
import { jsonAnnouncement, plainAnnouncement } from './announce.ts';
import { readDotenv } from './dotenv.ts';
import { parseListen, parsePairs, type UpFlags } from './options.ts';
import { stopSignal } from './stop-signal.ts';

/** Resolves to the exit code, after the app has stopped. */
export async function up(flags: UpFlags, console: Console): Promise<number> {
  const stop = stopSignal(process);
  const fromFile = flags.fromFile ?? flags.file;
  const from = flags.from ?? fromFile ?? flags.fromRegistry;
  const temp = flags.temp ?? flags.tmp;
  const source = await resolveSource(from, {
    fromFile: fromFile !== undefined,
    fromRegistry: flags.fromRegistry !== undefined,
    cwd: console.cwd,
  });
  const workDir = temp === undefined ? await mkdtemp(join(tmpdir(), 'spinup-')) : resolve(console.cwd, temp);
  try {
    const paths = userPaths(console);
    const cacheDir = flags.cacheDir ?? paths.cacheDir;
    const loaded = await loadApp(source, {
      workDir,
      cacheDir,
      packageConfigFile: paths.packageConfigFile,
      signal: stop.signal,
      ...(flags.profile === undefined ? {} : { profile: flags.profile }),
      directMounts: flags.directMounts ?? false,
      insecure: flags.insecure ?? false,
      credentials: storedCredentials(paths, console.env),
    });
    for (const warning of loaded.warnings) {
      console.err(`Warning: ${warning}`);
    }
    if (from === undefined && source.kind === 'manifest') {
      noteOtherFolder(source.path, console);
    }
    const app = await runApp(await runOptions(flags, loaded, cacheDir, console));
    for (const warning of app.http.routes.warnings) {
      console.err(warning);
    }
    for (const line of flags.format === 'json' ? [jsonAnnouncement(app.http)] : plainAnnouncement(app.http)) {
      console.out(line);
    }
    await stop.requested;
    await app.stop(flags.shutdownTimeout * 1000);
    return 0;
  } finally {
    stop.release();
    if (temp === undefined) {
      await rm(workDir, { recursive: true, force: true });
    }
  }
}

/** The nearest spin.toml may be further up than the user thinks. */
function noteOtherFolder(manifest: string, { cwd, err }: Console): void {
  if (dirname(manifest) !== cwd) {
    err(`Using spin.toml from parent directory: ${dirname(manifest)}`);
  }
}

async function runOptions(flags: UpFlags, loaded: LoadedApp, cacheDir: string, console: Console): Promise<RunOptions> {
  const stateDir = flags.stateDir === undefined ? defaultStateDir(loaded.source) : inCwd(flags.stateDir, console);
  const logDir = flags.logDir === undefined ? undefined : inCwd(flags.logDir, console);
  return {
    locked: loaded.locked,
    http: {
      address: parseListen(flags.listen),
      findFreePort: flags.findFreePort ?? false,
      maxHeaderBytes: flags.http1MaxBufSize ?? DEFAULT_MAX_HEADER_BYTES,
      ...tlsFiles(flags, console),
    },
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(logDir === undefined ? {} : { logDir }),
    truncateLogs: flags.truncateLogs ?? false,
    follow:
      flags.quiet || flags.sh || flags.shush ? new Set() : flags.follow === undefined ? 'all' : new Set(flags.follow),
    ...(flags.runtimeConfigFile === undefined
      ? {}
      : { runtimeConfig: runtimeConfig(flags.runtimeConfigFile, console) }),
    variables: parseVariableArguments(flags.variable ?? [], (path) =>
      readText(resolve(console.cwd, path), '--variable'),
    ),
    variableEnv: { ...(await readDotenv(console.cwd)), ...console.env },
    env: Object.fromEntries(parsePairs('--env', flags.env)),
    keyValues: parsePairs('--key-value', flags.keyValue),
    ...(flags.disableCache ? {} : { cacheDir: join(cacheDir, 'spindle') }),
    writableMounts: flags.allowTransientWrite ?? false,
    echo: console.errBytes,
    note: console.err,
    onError: (message, error) => console.err(`${message}: ${error instanceof Error ? error.message : String(error)}`),
  };
}

/** Spin's rule: `.spin` beside spin.toml; an app from a registry keeps no state unless told where. */
const defaultStateDir = (source: AppSource): string | undefined =>
  source.kind === 'registry' ? undefined : join(dirname(resolve(source.path)), '.spin');

/** '' stays '', since it means none. */
const inCwd = (path: string, { cwd }: Console): string => (path === '' ? '' : resolve(cwd, path));

function runtimeConfig(file: string, { cwd }: Console): { file: string; text: string } {
  const path = resolve(cwd, file);
  return { file: path, text: readText(path, '--runtime-config-file') };
}

function tlsFiles({ tlsCert, tlsKey }: UpFlags, { cwd }: Console): { tls?: { cert: Buffer; key: Buffer } } {
  if (tlsCert === undefined && tlsKey === undefined) {
    return {};
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UserError('--tls-cert and --tls-key only work together', {
      field: tlsCert === undefined ? '--tls-cert' : '--tls-key',
      remedy: 'Give both files, or none to serve plain HTTP.',
    });
  }
  const cert = readBytes(resolve(cwd, tlsCert), '--tls-cert');
  const key = readBytes(resolve(cwd, tlsKey), '--tls-key');
  return { tls: { cert, key } };
}
