// `spindle registry push`
import { loadApp, resolveSource } from '@spindle/loader';
import { planPush, pushApp, readPushContent, storedCredentials, type PushedApp } from '@spindle/oci';
import { composeDependencies } from '@spindle/runtime';
import { isToBeBuilt } from '../build/is-to-be-built.ts';
import type { Console } from '../console.ts';
import { buildStopped, invalidFlag } from '../errors.ts';
import { refuseKubernetesFile } from '../kubernetes-file.ts';
import { noteOtherFolder } from '../other-folder.ts';
import { parsePairs } from '../pairs.ts';
import { userPaths } from '../paths.ts';
import { stopSignal } from '../up/stop-signal.ts';
import { makeWorkDir } from '../work-dir.ts';

export interface PushFlags {
  from?: string;
  /** Alias of from. */
  file?: string;
  profile?: string;
  build?: boolean;
  insecure?: boolean;
  compose: string;
  annotation?: string[];
  cacheDir?: string;
}

export async function push(reference: string, flags: PushFlags, console: Console): Promise<PushedApp> {
  const compose = booleanFlag('--compose', flags.compose);
  const annotations = Object.fromEntries(parsePairs('--annotation', flags.annotation));
  const from = flags.from ?? flags.file;
  const source = await resolveSource(from, { fromFile: true, cwd: console.cwd });
  if (source.kind === 'manifest') {
    refuseKubernetesFile(source.path);
  }
  if (from === undefined && source.kind === 'manifest') {
    noteOtherFolder(source.path, console);
  }
  if (source.kind === 'manifest' && isToBeBuilt(flags.build, console)) {
    await build(source.path, flags.profile, console);
  }
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
    const pushed = await pushApp(plan, reference, { ...registry, tempDir: workDir.path });
    console.out(`Pushed with digest ${pushed.digest}`);
    return pushed;
  } finally {
    workDir.remove();
  }
}

async function build(file: string, profile: string | undefined, console: Console): Promise<void> {
  const { buildFirst } = await import('../build/build-first.ts');
  const stop = stopSignal(process);
  try {
    await buildFirst(file, profile, { console, signal: stop.signal }).catch((error: unknown) => {
      throw stop.signal.aborted ? buildStopped() : error;
    });
  } finally {
    stop.release();
  }
}

function booleanFlag(flag: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw invalidFlag(flag, 'true or false', text);
  }
  return text === 'true';
}
