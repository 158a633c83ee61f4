// What one entry of `files` selects: decided from its text and from what stands at its path, before anything is read
// (spec/spin-runtime.md §1.7). The messages in backquotes and quotes are Spin's.
import { basename, dirname, normalize } from 'node:path';
import { UserError, type FilesEntry } from '@spindle/api';
import { looksLikePattern, PatternError } from '../glob/pattern.ts';
import { guestPathNames } from './containment.ts';
import { literalSegments, patternSegments, WHOLE_TREE, type Segment } from './segments.ts';

/** Files below a folder, put below a guest directory. */
export interface TreeSelection {
  readonly kind: 'tree';
  /** Relative to the application directory; begins with `..` when it is outside. */
  readonly start: string;
  readonly segments: readonly Segment[];
  /** How many leading names of a found path are not part of its guest path. */
  readonly dropped: number;
  /** Guest directory, as names. */
  readonly below: readonly string[];
}

/** One file, put at a guest path. */
export interface FileSelection {
  readonly kind: 'file';
  readonly start: string;
  readonly segments: readonly Segment[];
  readonly guestPath: readonly string[];
}

export type Selection = TreeSelection | FileSelection;

/** What stands at a path relative to the application directory, symlinks followed. */
export type Presence = 'file' | 'directory' | 'absent';

const INCLUDE_A_DIRECTORY =
  'To include a directory, write { source = "…", destination = "…" }, or a pattern that ends in **/*.';

export function selectionOf(entry: FilesEntry, presence: Presence): Selection {
  return entry.kind === 'pattern' ? patternSelection(entry.pattern, presence) : placementSelection(entry, presence);
}

/** What the user should hear about an entry that is accepted. */
export function adviceOn(entry: FilesEntry): string | undefined {
  if (entry.kind === 'pattern' && (entry.pattern === '*' || entry.pattern === '**/*')) {
    const tree = entry.pattern === '*' ? 'directory' : 'directory tree';
    return (
      `A component is including the entire application ${tree} as asset files. This is unlikely to be what you want. ` +
      `If this is what you want, use the pattern "./${entry.pattern}" to avoid this warning.`
    );
  }
  return undefined;
}

function patternSelection(pattern: string, presence: Presence): Selection {
  if (pattern === '..' || pattern.endsWith('/..')) {
    throw new UserError("A file pattern can't end in a parent directory path (..)", { remedy: INCLUDE_A_DIRECTORY });
  }
  if (pattern === '.' || pattern.endsWith('/.')) {
    throw new UserError("A file pattern can't end in a current directory path (.)", { remedy: INCLUDE_A_DIRECTORY });
  }
  if (presence === 'absent' && !looksLikePattern(pattern)) {
    throw new UserError(`${JSON.stringify(pattern)} does not exist and doesn't appear to be a glob pattern`, {
      remedy: 'Check the spelling; paths are relative to the directory of the manifest.',
    });
  }
  const path = normalize(pattern);
  if (path.startsWith('/') || path === '..' || path.startsWith('../')) {
    throw outside(pattern);
  }
  if (presence === 'file') {
    return { kind: 'file', start: '', segments: literalSegments(path), guestPath: literalNames(path) };
  }
  const segments = presence === 'directory' ? [...literalSegments(path), ...WHOLE_TREE] : globSegments(pattern, path);
  return { kind: 'tree', start: '', segments, dropped: 0, below: [] };
}

function globSegments(pattern: string, path: string): Segment[] {
  try {
    return patternSegments(path);
  } catch (error) {
    if (error instanceof PatternError) {
      throw new UserError(`Failed to resolve glob pattern ${JSON.stringify(pattern)}: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function placementSelection(
  { source, destination }: { readonly source: string; readonly destination: string },
  presence: Presence,
): Selection {
  if (presence === 'absent') {
    throw new UserError(`File or directory ${JSON.stringify(source)} does not exist`, {
      remedy: 'Check the spelling; paths are relative to the directory of the manifest.',
    });
  }
  const path = normalize(source);
  if (path.startsWith('/')) {
    throw outside(source);
  }
  const guestPath = guestPathNames(destination);
  if (guestPath === undefined) {
    throw new UserError(`The destination ${JSON.stringify(destination)} leads out of the component's files`, {
      remedy: 'Destinations are paths from the root that the component sees, without "..".',
    });
  }
  // What is named through `..` begins at that very directory; the way to it is the author's business.
  const isOutside = path === '..' || path.startsWith('../');
  if (presence === 'directory') {
    const segments = isOutside ? [] : literalSegments(path);
    const start = isOutside ? path : '';
    return { kind: 'tree', start, segments: [...segments, ...WHOLE_TREE], dropped: segments.length, below: guestPath };
  }
  if (guestPath.length === 0 || /(^|\/)\.?$/.test(destination)) {
    throw new UserError(`${JSON.stringify(destination)} is not a valid destination file name`, {
      remedy: `Say under which name the component finds the file, for example "/${basename(path)}".`,
    });
  }
  return isOutside
    ? { kind: 'file', start: dirname(path), segments: literalSegments(basename(path)), guestPath }
    : { kind: 'file', start: '', segments: literalSegments(path), guestPath };
}

function literalNames(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function outside(pattern: string): UserError {
  return new UserError(
    `${JSON.stringify(pattern)} cannot be mapped because it is outside the application directory. ` +
      'Files must be within the application directory.',
    { remedy: 'Move the files below the directory of the manifest.' },
  );
}
