// `spindle registry push`
import { loadApp, resolveSource } from '@spindle/loader';
import { planPush, pushApp, readPushContent, storedCredentials } from '@spindle/oci';
import { composeDependencies } from '@spindle/runtime';
import type { Console } from '../console.ts';
import { invalidFlag } from '../errors.ts';
import { parsePairs } from '../pairs.ts';
import { userPaths } from '../paths.ts';
import { makeWorkDir } from '../work-dir.ts';

export interface PushFlags {
  from?: string;
  profile?: string;
  insecure?: boolean;
  compose: string;
  annotation?: string[];
  cacheDir?: string;
}

export async function push(reference: string, flags: PushFlags, console: Console): Promise<void> {
  const compose = booleanFlag('--compose', flags.compose);
  const annotations = Object.fromEntries(parsePairs('--annotation', flags.annotation));
  const source = await resolveSource(flags.from, { fromFile: true, cwd: console.cwd });
  const paths = userPaths(console);
  const workDir = await makeWorkDir('spindle-push-');
  try {
    const registry = { insecure: flags.insecure ?? false, credentials: storedCredentials(paths, console.env) };
    const loaded = await loadApp(source, {
      ...registry,
      workDir: workDir.path,
      cacheDir: flags.cacheDir ?? paths.cacheDir,
      packageConfigFile: paths.packageConfigFile,
      ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    });
    for (const warning of loaded.warnings) {
      console.err(`Warning: ${warning}`);
    }
    const locked = compose ? await composeDependencies(loaded.locked, workDir.path) : loaded.locked;
    const plan = planPush(await readPushContent(locked), {
      compose,
      archive: console.env['SPIN_OCI_ARCHIVE_LAYERS'] !== undefined,
      annotations,
      created: new Date(),
    });
    const { digest } = await pushApp(plan, reference, { ...registry, tempDir: workDir.path });
    console.out(`Pushed with digest ${digest}`);
  } finally {
    workDir.remove();
  }
}

function booleanFlag(flag: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw invalidFlag(flag, 'true or false', text);
  }
  return text === 'true';
}
