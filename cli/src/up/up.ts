// `spindle up`: load the app, run it, and stay until a signal asks to stop.
import { dirname, join, resolve } from 'node:path';
import { selectComponents, type LockedApp } from '@spindle/api';
import { loadApp, resolveSource, type AppSource, type LoadOptions } from '@spindle/loader';
import { firstOf, storedCredentials } from '@spindle/oci';
import { launchThread, runApp, type Launched, type RunningApp, type RunOptions } from '@spindle/runtime';
import { isToBeBuilt } from '../build/is-to-be-built.ts';
import type { Console } from '../console.ts';
import { argumentsForNobody, twoSources } from '../errors.ts';
import { noteOtherFolder } from '../other-folder.ts';
import { userPaths } from '../paths.ts';
import type { LocalRun } from '../spin-app/local-run.ts';
import { manifestSource, refuseAppFlag } from '../spin-app/manifest-source.ts';
import { makeWorkDir } from '../work-dir.ts';
import { announcementLines } from './announce.ts';
import type { UpFlags } from './options.ts';
import { runOptions } from './run-options.ts';
import { stopSignal, type StopSignal } from './stop-signal.ts';

export interface UpArguments {
  readonly flags: UpFlags;
  /** What stands after `--`, for a command. */
  readonly guestArgs: readonly string[];
}

/** Resolves after the app has stopped, to the exit code. `launched` may be at work already. */
export async function up(
  { flags, guestArgs }: UpArguments,
  console: Console,
  launched: Launched = launchThread(),
): Promise<number> {
  const stop = stopSignal(process);
  try {
    const temp = flags.temp ?? flags.tmp;
    if (temp !== undefined) {
      return await serve({ flags, guestArgs }, { launched, workDir: resolve(console.cwd, temp) }, stop, console);
    }
    const workDir = await makeWorkDir('spinup-');
    try {
      return await serve({ flags, guestArgs }, { launched, workDir: workDir.path }, stop, console);
    } finally {
      workDir.remove();
    }
  } catch (error) {
    // expected: a start that was asked to stop fails wherever it was; only a stop was asked for.
    if (!stop.signal.aborted) {
      throw error;
    }
    return 0;
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

async function serve(
  { flags, guestArgs }: UpArguments,
  { launched, workDir }: Means,
  stop: StopSignal,
  console: Console,
): Promise<number> {
  refuseTwoSources(flags);
  const paths = userPaths(console);
  const cacheDir = flags.cacheDir ?? paths.cacheDir;
  const given = await runOptions(flags, cacheDir, console);
  const manifests = await givenApp(flags, new Set(given.variables.keys()), console);
  const options = manifests === undefined ? given : applied(manifests, given);
  const { locked, source } = await load(flags, manifests, { workDir, cacheDir, signal: stop.signal }, console);
  const isCommand = locked.triggers.some(({ trigger_type }) => trigger_type === 'command');
  if (guestArgs.length > 0 && !isCommand) {
    throw argumentsForNobody(guestArgs);
  }
  const command = isCommand ? { command: { args: guestArgs, stdin: process.stdin } } : {};
  const app = await runApp({ ...options, ...stateBeside(source), ...command, locked }, launched);
  if (!stop.signal.aborted) {
    announce(app, flags.format, isCommand ? { ...console, out: console.err } : console);
  }
  const code = await Promise.race([app.finished, outputLost(isCommand), stop.requested.then(() => undefined)]);
  await app.stop(flags.shutdownTimeout * 1000);
  return code ?? (isCommand ? stop.exitCode : 0);
}

/** 128 + SIGPIPE, as a shell reports it. */
const OUTPUT_LOST = 141;

/** Whoever read what a command prints has left: it would wait for ever. */
const outputLost = (isCommand: boolean): Promise<number> =>
  new Promise((lost) => {
    if (isCommand) {
      process.stdout.once('error', () => lost(OUTPUT_LOST));
    }
  });

interface Loaded {
  readonly locked: LockedApp;
  readonly source: AppSource;
}

function refuseTwoSources({ from, fromFile, file, fromRegistry }: UpFlags): void {
  const given = Object.entries({ '--from': from, '--from-file': fromFile ?? file, '--from-registry': fromRegistry });
  const names = given.flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 1) {
    throw twoSources(names);
  }
}

/** Undefined when `--from` names no file of Kubernetes manifests. */
async function givenApp(flags: UpFlags, given: ReadonlySet<string>, console: Console): Promise<LocalRun | undefined> {
  const from = flags.from ?? flags.fromFile ?? flags.file;
  const source = flags.fromRegistry === undefined ? await manifestSource(from, console) : undefined;
  if (source === undefined) {
    refuseAppFlag(flags.app);
    return undefined;
  }
  // A reader of YAML, which few runs need.
  const { readGivenApp } = await import('../spin-app/given-app.ts');
  return readGivenApp(source, { app: flags.app, given }, console);
}

/** What the flags say comes first, since it is for this run alone. */
const applied = (run: LocalRun, options: Omit<RunOptions, 'locked'>): Omit<RunOptions, 'locked'> => ({
  ...options,
  variableEnv: { ...options.variableEnv, ...run.environment },
  runtimeConfig: options.runtimeConfig ?? run.runtimeConfig,
  limits: { ...options.limits, instanceMemory: options.limits?.instanceMemory ?? run.instanceMemory },
});

async function load(
  flags: UpFlags,
  manifests: LocalRun | undefined,
  options: Pick<LoadOptions, 'workDir' | 'cacheDir'> & { readonly signal: AbortSignal },
  console: Console,
): Promise<Loaded> {
  const paths = userPaths(console);
  const fromFile = flags.fromFile ?? flags.file;
  const from = flags.from ?? fromFile ?? flags.fromRegistry;
  const source: AppSource =
    manifests === undefined
      ? await resolveSource(from, {
          fromFile: fromFile !== undefined,
          fromRegistry: flags.fromRegistry !== undefined,
          cwd: console.cwd,
        })
      : { kind: 'registry', reference: manifests.image };
  if (source.kind === 'manifest' && isToBeBuilt(flags.build, console)) {
    const { buildFirst } = await import('../build/build-first.ts');
    await buildFirst(source.path, flags.profile, { console, signal: options.signal });
  }
  const { locked, warnings } = await loadApp(source, {
    ...options,
    packageConfigFile: paths.packageConfigFile,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    directMounts: flags.directMounts ?? false,
    insecure: flags.insecure ?? false,
    credentials: firstOf(...(manifests?.pullSecrets ?? []), storedCredentials(paths, console.env)),
  });
  for (const warning of warnings) {
    console.err(`Warning: ${warning}`);
  }
  if (from === undefined && source.kind === 'manifest') {
    noteOtherFolder(source.path, console);
  }
  const selected = flags.componentId ?? manifests?.components;
  return { locked: selected === undefined ? locked : selectComponents(locked, selected), source };
}

/** The stdout of a command is its own. */
function announce(app: RunningApp, format: UpFlags['format'], console: Console): void {
  for (const warning of app.http?.routes.warnings ?? []) {
    console.err(warning);
  }
  for (const line of announcementLines(app, format)) {
    console.out(line);
  }
}

/** Spin's rule: `.spin` beside spin.toml; an app from a registry keeps no state unless told where. */
const stateBeside = (source: AppSource): { defaultStateDir?: string } =>
  source.kind === 'registry' ? {} : { defaultStateDir: join(dirname(resolve(source.path)), '.spin') };
