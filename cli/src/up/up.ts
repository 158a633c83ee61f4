// `spindle up`: load the app, run it, and stay until a signal asks to stop.
import { dirname, join, resolve } from 'node:path';
import { selectComponents, type LockedApp } from '@spindle/api';
import { loadApp, resolveSource, type AppSource, type LoadOptions } from '@spindle/loader';
import { storedCredentials } from '@spindle/oci';
import { launchThread, runApp, type Launched, type ServedHttp } from '@spindle/runtime';
import type { Console } from '../console.ts';
import { noteOtherFolder } from '../other-folder.ts';
import { userPaths } from '../paths.ts';
import { makeWorkDir } from '../work-dir.ts';
import { jsonAnnouncement, plainAnnouncement } from './announce.ts';
import type { UpFlags } from './options.ts';
import { runOptions } from './run-options.ts';
import { stopSignal, type StopSignal } from './stop-signal.ts';

/** Resolves after the app has stopped. `launched` may be at work already. */
export async function up(flags: UpFlags, console: Console, launched: Launched = launchThread()): Promise<void> {
  const stop = stopSignal(process);
  try {
    const temp = flags.temp ?? flags.tmp;
    if (temp !== undefined) {
      await serve(flags, { launched, workDir: resolve(console.cwd, temp) }, stop, console);
      return;
    }
    const workDir = await makeWorkDir('spinup-');
    try {
      await serve(flags, { launched, workDir: workDir.path }, stop, console);
    } finally {
      workDir.remove();
    }
  } catch (error) {
    // expected: a start that was asked to stop fails wherever it was; only a stop was asked for.
    if (!stop.signal.aborted) {
      throw error;
    }
  } finally {
    stop.release();
    // Unless the run has it.
    await launched.close();
  }
}

interface Means {
  readonly launched: Launched;
  readonly workDir: string;
}

async function serve(flags: UpFlags, { launched, workDir }: Means, stop: StopSignal, console: Console): Promise<void> {
  const paths = userPaths(console);
  const cacheDir = flags.cacheDir ?? paths.cacheDir;
  const options = await runOptions(flags, cacheDir, console);
  const { locked, source } = await load(flags, { workDir, cacheDir, signal: stop.signal }, console);
  const app = await runApp({ ...options, ...stateBeside(source), locked }, launched);
  if (!stop.signal.aborted) {
    announce(app.http, flags.format, console);
  }
  await stop.requested;
  await app.stop(flags.shutdownTimeout * 1000);
}

interface Loaded {
  readonly locked: LockedApp;
  readonly source: AppSource;
}

async function load(
  flags: UpFlags,
  options: Pick<LoadOptions, 'workDir' | 'cacheDir' | 'signal'>,
  console: Console,
): Promise<Loaded> {
  const paths = userPaths(console);
  const fromFile = flags.fromFile ?? flags.file;
  const from = flags.from ?? fromFile ?? flags.fromRegistry;
  const source = await resolveSource(from, {
    fromFile: fromFile !== undefined,
    fromRegistry: flags.fromRegistry !== undefined,
    cwd: console.cwd,
  });
  const { locked, warnings } = await loadApp(source, {
    ...options,
    packageConfigFile: paths.packageConfigFile,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    directMounts: flags.directMounts ?? false,
    insecure: flags.insecure ?? false,
    credentials: storedCredentials(paths, console.env),
  });
  for (const warning of warnings) {
    console.err(`Warning: ${warning}`);
  }
  if (from === undefined && source.kind === 'manifest') {
    noteOtherFolder(source.path, console);
  }
  return { locked: flags.componentId === undefined ? locked : selectComponents(locked, flags.componentId), source };
}

function announce(http: ServedHttp, format: UpFlags['format'], console: Console): void {
  for (const warning of http.routes.warnings) {
    console.err(warning);
  }
  for (const line of format === 'json' ? [jsonAnnouncement(http)] : plainAnnouncement(http)) {
    console.out(line);
  }
}

/** Spin's rule: `.spin` beside spin.toml; an app from a registry keeps no state unless told where. */
const stateBeside = (source: AppSource): { defaultStateDir?: string } =>
  source.kind === 'registry' ? {} : { defaultStateDir: join(dirname(resolve(source.path)), '.spin') };
