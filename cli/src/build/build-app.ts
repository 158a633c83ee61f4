// The build commands of an app's components, one after the other, up to the first that fails.
import { stat } from 'node:fs/promises';
import { parseManifest, type AppManifest } from '@spindle/api';
import type { Console } from '../console.ts';
import { buildFailed, missingWorkdir } from '../errors.ts';
import { readText } from '../given-file.ts';
import { planBuild, type BuildChoice, type ComponentBuild } from './plan.ts';
import { runCommand } from './run-command.ts';

export interface BuildContext {
  readonly console: Pick<Console, 'err'>;
  readonly signal: AbortSignal;
}

/** Progress goes to stderr: stdout is for what the app's own start prints. Resolves to the manifest. */
export async function buildApp(what: BuildChoice, { console, signal }: BuildContext): Promise<AppManifest> {
  const { manifest } = parseManifest(readText(what.file, '--from'), what.file);
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
