// `spindle registry push`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { loadApp, resolveSource } from '@spindle/loader';
import { planPush, pushApp, readPushContent, storedCredentials } from '@spindle/oci';
import type { Console } from '../console.ts';
import { userPaths } from '../paths.ts';
import { parsePairs } from '../up/options.ts';

export interface PushFlags {
  from?: string;
  profile?: string;
  insecure?: boolean;
  compose: string;
  annotation?: string[];
  cacheDir?: string;
}

export async function push(reference: string, flags: PushFlags, console: Console): Promise<void> {
  const source = await resolveSource(flags.from, { fromFile: true, cwd: console.cwd });
  const paths = userPaths(console);
  const workDir = await mkdtemp(join(tmpdir(), 'spindle-push-'));
  try {
    const registry = { insecure: flags.insecure ?? false, credentials: storedCredentials(paths, console.env) };
    const loaded = await loadApp(source, {
      ...registry,
      workDir,
      cacheDir: flags.cacheDir ?? paths.cacheDir,
      packageConfigFile: paths.packageConfigFile,
      ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    });
    for (const warning of loaded.warnings) {
      console.err(`Warning: ${warning}`);
    }
    const plan = planPush(await readPushContent(loaded.locked), {
      compose: booleanFlag('--compose', flags.compose),
      archive: console.env['SPIN_OCI_ARCHIVE_LAYERS'] !== undefined,
      annotations: Object.fromEntries(parsePairs('--annotation', flags.annotation)),
      created: new Date(),
    });
    const { digest } = await pushApp(plan, reference, { ...registry, tempDir: workDir });
    console.out(`Pushed with digest ${digest}`);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function booleanFlag(flag: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw new UserError(`${flag} must be true or false, not "${text}"`, { field: flag });
  }
  return text === 'true';
}
