// The SpinApp that `--from` names: a file of manifests, or standard input, read and planned for this machine.
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { readObjects } from '@spindle/api';
import type { Console } from '../console.ts';
import { readText } from '../given-file.ts';
import { chooseApp } from './choose-app.ts';
import { planLocalRun, type LocalRun } from './local-run.ts';
import type { ManifestSource } from './manifest-source.ts';
import { readYaml } from './yaml-document.ts';

export interface GivenAppOptions {
  /** Of `--app`. */
  readonly app: string | undefined;
  /** Names that `--variable` gives. */
  readonly given: ReadonlySet<string>;
}

export async function readGivenApp(
  source: ManifestSource,
  { app, given }: GivenAppOptions,
  console: Console,
): Promise<LocalRun> {
  const [file, text] =
    source.kind === 'file'
      ? [source.path, readText(source.path, '--from')]
      : [resolve(console.cwd, 'stdin'), await console.readInput()];
  const objects = readObjects(readYaml(text, file));
  const run = planLocalRun(chooseApp(objects, app, file), objects, { file, given, hostname: hostname() });
  for (const warning of run.warnings) {
    console.err(`Warning: ${warning}`);
  }
  if (run.ignored.length > 0) {
    console.err(`Without effect on this machine: ${run.ignored.join(', ')}`);
  }
  return run;
}
