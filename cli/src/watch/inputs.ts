// What a running application depends on, from its manifest: what a build reads, component by component, and what a start
// reads (spin-contract.md §5.5). Pure; patterns are absolute.
import { dirname, resolve } from 'node:path';
import { applyProfile, type AppManifest, type ComponentManifest } from '@spindle/api';

export interface WatchInputs {
  /** By component id; changes there ask for a build of that component. */
  readonly sources: ReadonlyMap<string, readonly Pattern[]>;
  /** Changes there ask for a reload. */
  readonly artifacts: readonly Pattern[];
  /** Components with a build command that do not say what it reads. */
  readonly unwatched: readonly string[];
}

export interface Pattern {
  /** Absolute: a file, a folder with all below it, or a glob. */
  readonly path: string;
  /** What is below such a folder counts only when it is named itself: it holds what builds make or programs keep. */
  readonly skipsBuildFolders: boolean;
}

export interface InputOptions {
  /** Absolute path of the manifest. */
  readonly file: string;
  readonly profile?: string;
  /** Mounted as they are, so that changes need no reload. */
  readonly directMounts: boolean;
}

export function watchInputs(written: AppManifest, { file, profile, directMounts }: InputOptions): WatchInputs {
  const manifest = profile === undefined ? written : applyProfile(written, profile);
  const components = [...manifest.components.values()];
  const root = dirname(file);
  const artifact = (path: string): Pattern => ({ path: resolve(root, path), skipsBuildFolders: false });
  return {
    sources: new Map(components.flatMap((component) => sourcesOf(component, root))),
    artifacts: components.flatMap((component) => [
      ...contentPaths(component).map(artifact),
      ...(directMounts
        ? []
        : component.files.map((entry) => artifact(entry.kind === 'pattern' ? entry.pattern : entry.source))),
    ]),
    unwatched: components.filter(({ build }) => build !== undefined && build.watch.length === 0).map(({ id }) => id),
  };
}

function sourcesOf({ id, build }: ComponentManifest, root: string): [string, Pattern[]][] {
  if (build === undefined) {
    return [];
  }
  const folder = resolve(root, build.workdir ?? '');
  return [[id, build.watch.map((glob) => ({ path: resolve(folder, glob), skipsBuildFolders: true }))]];
}

/** Of the component and of what is composed into it. */
const contentPaths = ({ source, dependencies }: ComponentManifest): string[] =>
  [source, ...[...dependencies.values()].map(({ from }) => from)].flatMap((content) =>
    content.kind === 'local' ? [content.path] : [],
  );
