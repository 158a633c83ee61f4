// `spindle build`: which manifest, what of it, and `up` afterwards.
import type { AppManifest } from '@spindle/api';
import { resolveSource } from '@spindle/loader';
import type { Console } from '../console.ts';
import { buildStopped, notAManifest } from '../errors.ts';
import { refuseKubernetesFile } from '../kubernetes-file.ts';
import { noteOtherFolder } from '../other-folder.ts';
import { stopSignal } from '../up/stop-signal.ts';
import { buildApp } from './build-app.ts';
import type { BuildChoice } from './plan.ts';

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

/** `upArgs` are for the `up` that follows with `--up`, whose exit code it gives. */
export async function build(flags: BuildFlags, upArgs: readonly string[], console: Console): Promise<number> {
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
    return upManifest(file, flags.profile, upArgs, console);
  }
  return 0;
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
