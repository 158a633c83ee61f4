// What a build runs, and where: decided from the manifest alone (spin-contract.md §1.3, §5.5).
import { isAbsolute, join } from 'node:path';
import { applyProfile, type AppManifest } from '@spindle/api';
import { absoluteWorkdir, unknownComponents } from '../errors.ts';

export interface ComponentBuild {
  readonly component: string;
  /** One after the other. */
  readonly commands: readonly string[];
  /** Absolute. */
  readonly folder: string;
  /** The folder is not that of the manifest. */
  readonly hasWorkdir: boolean;
}

export interface BuildChoice {
  /** Absolute path of the manifest. */
  readonly file: string;
  readonly profile?: string;
  /** All when empty. */
  readonly components: readonly string[];
}

/** In the order of the manifest; components without a command are left out. */
export function planBuild(written: AppManifest, { file, profile, components }: BuildChoice): ComponentBuild[] {
  const manifest = profile === undefined ? written : applyProfile(written, profile);
  const unknown = components.filter((id) => !manifest.components.has(id));
  if (unknown.length > 0) {
    throw unknownComponents(unknown, [...manifest.components.keys()]);
  }
  return [...manifest.components.values()].flatMap(({ id, build }) => {
    if (build === undefined || (components.length > 0 && !components.includes(id))) {
      return [];
    }
    if (build.workdir !== undefined && isAbsolute(build.workdir)) {
      throw absoluteWorkdir(id, file);
    }
    return [
      {
        component: id,
        commands: typeof build.command === 'string' ? [build.command] : build.command,
        folder: join(file, '..', build.workdir ?? ''),
        hasWorkdir: build.workdir !== undefined,
      },
    ];
  });
}
