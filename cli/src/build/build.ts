// `spindle build`: the commands of the components, one after the other, up to the first that fails.
import { readFile, stat } from 'node:fs/promises';
import { parseManifest, type AppManifest } from '@spindle/api';
import { resolveSource } from '@spindle/loader';
import type { Console } from '../console.ts';
import { buildFailed, buildStopped, missingWorkdir, notAManifest } from '../errors.ts';
import { refuseKubernetesFile } from '../kubernetes-file.ts';
import { noteOtherFolder } from '../other-folder.ts';
import { stopSignal } from '../up/stop-signal.ts';
import { planBuild, type BuildChoice, type ComponentBuild } from './plan.ts';
import { runCommand } from './run-command.ts';

export interface BuildFlags {
  from?: string;
  /** Alias of from. */
  file?: string;
  profile?: string;
  componentId?: string[];
  skipTargetChecks?: boolean;
  /** Alias of skipTargetChecks. */
  skipTargetCheck?: boolean;
  up?: boolean;
}

/** `upArgs` are for the `up` that follows with `--up`. */
export async function build(flags: BuildFlags, upArgs: readonly string[], console: Console): Promise<void> {
  const file = await findManifest(flags.from ?? flags.file, console);
  const stop = stopSignal(process);
  try {
    const manifest = await buildApp(choice(flags, file), { console, signal: stop.signal }).catch((error: unknown) => {
      throw stop.signal.aborted ? buildStopped() : error;
    });
    if (!flags.skipTargetChecks && !flags.skipTargetCheck) {
      noteTargets(manifest, console);
    }
  } finally {
    stop.release();
  }
  if (flags.up) {
    const { upManifest } = await import('./up-manifest.ts');
    await upManifest(file, flags.profile, upArgs, console);
  }
}

export async function findManifest(from: string | undefined, console: Console): Promise<string> {
  const source = await resolveSource(from, { fromFile: from !== undefined, cwd: console.cwd });
  if (source.kind !== 'manifest') {
    throw notAManifest(source.kind === 'wasm' ? source.path : source.reference);
  }
  refuseKubernetesFile(source.path);
  if (from === undefined) {
    noteOtherFolder(source.path, console);
  }
  return source.path;
}

const choice = ({ profile, componentId = [] }: BuildFlags, file: string): BuildChoice => ({
  file,
  components: componentId,
  ...(profile === undefined ? {} : { profile }),
});

export interface BuildContext {
  readonly console: Pick<Console, 'err'>;
  readonly signal: AbortSignal;
}

/** Progress goes to stderr: stdout is for what the app's own start prints. Resolves to the manifest. */
export async function buildApp(what: BuildChoice, { console, signal }: BuildContext): Promise<AppManifest> {
  const { manifest } = parseManifest(await readFile(what.file, 'utf8'), what.file);
  const builds = planBuild(manifest, what);
  if (builds.length === 0) {
    console.err('None of the components have a build command.');
    return manifest;
  }
  for (const one of builds) {
    await buildComponent(one, what.file, builds.length > 1, { console, signal });
  }
  console.err('Finished building all Spin components');
  return manifest;
}

/** The worlds of deployment targets stand in packages of a registry, and nothing here compares components with them. */
function noteTargets({ application, components }: AppManifest, console: Pick<Console, 'err'>): void {
  const targets = [...application.targets, ...[...components.values()].flatMap((component) => component.targets ?? [])];
  if (targets.length > 0) {
    console.err(
      'Note: the deployment targets of the manifest are not checked; "spindle up" tells what a component imports that ' +
        'Spindle does not have (--skip-target-checks leaves this note out)',
    );
  }
}

async function buildComponent(
  { component, commands, folder, hasWorkdir }: ComponentBuild,
  file: string,
  isOneOfSeveral: boolean,
  { console, signal }: BuildContext,
): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw missingWorkdir(component, folder, file);
  }
  if (commands.length > 1) {
    console.err(`Building component ${component} (${commands.length} commands)`);
  }
  for (const [index, command] of commands.entries()) {
    console.err(
      commands.length > 1
        ? `Running build step ${index + 1}/${commands.length} for component ${component} with '${command}'`
        : `Building component ${component} with \`${command}\``,
    );
    if (hasWorkdir) {
      console.err(`Working directory: ${JSON.stringify(folder)}`);
    }
    const status = await runCommand(command, {
      folder,
      signal,
      // With one component there is nothing to tell apart.
      ...(isOneOfSeveral ? { line: (line: string) => console.err(`${component} | ${line}`) } : {}),
    });
    if (status !== 0) {
      throw buildFailed(component, command, statusText(status), remedyFor(status));
    }
  }
}

const statusText = (status: number | NodeJS.Signals): string =>
  typeof status === 'number' ? `status ${status}` : `signal ${status}`;

/** A shell's own statuses (POSIX, "Exit Status for Commands"). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

function remedyFor(status: number | NodeJS.Signals): string {
  switch (status) {
    case NOT_FOUND:
      return 'A program that it calls is not installed, or not in PATH; "spindle doctor" names the usual ones.';
    case NOT_EXECUTABLE:
      return 'The file that it calls is not executable.';
    default:
      return 'Its own output, above, says why.';
  }
}
