// Which files fit patterns, and in which state they are. What changed is found by comparing two snapshots, never from
// events: those get lost, come twice, and tell of files that are back to what they were.
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, matchesGlob, sep } from 'node:path';
import type { Pattern } from './inputs.ts';

export interface Snapshot {
  /** State by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders in which a change could make another snapshot. */
  readonly folders: ReadonlySet<string>;
}

/** Never looked into on the way to something else. */
const BUILD_FOLDERS = new Set(['node_modules', 'target', '.git', '.spin', '.venv']);

/** What editors keep beside a file while it is open. */
const EDITOR_FILE = /^(\.#.*|#.*#|.*~|.*\.sw[a-z])$/;

export async function takeSnapshot(patterns: readonly Pattern[]): Promise<Snapshot> {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  for (const pattern of patterns) {
    await lookAt(fixedPart(pattern.path), pattern, { files, folders });
  }
  return { files, folders };
}

/** False when there is none to compare with. */
export const isSame = (one: Snapshot | undefined, { files }: Snapshot): boolean =>
  one?.files.size === files.size && [...files].every(([path, state]) => one.files.get(path) === state);

interface Found {
  readonly files: Map<string, string>;
  readonly folders: Set<string>;
}

/** The folders at its beginning that hold no wildcard. */
function fixedPart(pattern: string): string {
  const names = pattern.split(sep);
  const first = names.findIndex((name) => /[*?[\]{}]/.test(name));
  return first === -1 ? pattern : names.slice(0, first).join(sep) || sep;
}

async function lookAt(path: string, pattern: Pattern, found: Found): Promise<void> {
  const state = await stat(path, { bigint: true }).catch(() => undefined);
  const isWhole = path === pattern.path;
  if (state === undefined || !state.isDirectory()) {
    // Where it is not there, its coming has to be noticed.
    found.folders.add(await existingFolder(dirname(path)));
  }
  if (state?.isDirectory()) {
    await walk(path, isWhole ? join(pattern.path, '**') : pattern.path, pattern.skipsBuildFolders, found);
  } else if (state !== undefined && isWhole) {
    found.files.set(path, stateOf(state));
  }
}

async function walk(folder: string, glob: string, skipsBuildFolders: boolean, found: Found): Promise<void> {
  found.folders.add(folder);
  // Without `**`, nothing below the last name of the glob can fit.
  const isDeep = glob.includes('**') || folder.split(sep).length < glob.split(sep).length - 1;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (isFolder && isDeep && !(skipsBuildFolders && BUILD_FOLDERS.has(entry.name))) {
      await walk(path, glob, skipsBuildFolders, found);
    } else if (!isFolder && !EDITOR_FILE.test(entry.name) && matchesGlob(path, glob)) {
      const state = await stat(path, { bigint: true }).catch(() => undefined);
      if (state?.isFile()) {
        found.files.set(path, stateOf(state));
      }
    }
  }
}

const stateOf = ({ mtimeNs, size, ino }: { mtimeNs: bigint; size: bigint; ino: bigint }): string =>
  `${mtimeNs} ${size} ${ino}`;

async function existingFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    (state) => state.isDirectory(),
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}
