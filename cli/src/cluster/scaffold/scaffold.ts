// `scaffold`: flags to YAML, to stdout or to a file.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Console } from '../../console.ts';
import { cannotWrite } from '../../errors.ts';
import { unreadableRuntimeConfig } from '../errors.ts';
import { manifestText } from './manifest-text.ts';
import type { ScaffoldFlags } from './flags.ts';
import { readScaffold } from './read-flags.ts';

/** Variables may be secrets. Upstream's mode. */
const MODE = 0o600;

export async function scaffold(flags: ScaffoldFlags, console: Console): Promise<void> {
  const wanted = readScaffold(flags);
  const text = manifestText(wanted, await runtimeConfig(flags.runtimeConfigFile, console));
  for (const warning of wanted.warnings) {
    console.err(`Warning: ${warning}`);
  }
  if (!flags.out) {
    console.out(text.trimEnd());
    return;
  }
  await write(resolve(console.cwd, flags.out), text);
  console.err(`Application manifest saved to ${flags.out}`);
}

async function runtimeConfig(file: string, { cwd }: Console): Promise<Buffer | undefined> {
  if (file === '') {
    return undefined;
  }
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    throw unreadableRuntimeConfig(file, cause);
  }
}

/** Whole or not at all. */
async function write(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, text, { mode: MODE, flag: 'wx' });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cannotWrite(basename(file), cause);
  }
}
