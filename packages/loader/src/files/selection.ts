// What one entry of `files` selects: decided from its text and from what stands at its path, before anything is read
// (spin-contract.md §1.7).
import { basename, dirname, normalize } from 'node:path';
import type { FilesEntry } from '@spindle/api';
import {
  badPattern,
  destinationOutside,
  endsInCurrent,
  endsInParent,
  noFileAndNoPattern,
  noFileName,
  noSuchSource,
  outsideTheApp,
} from '../errors.ts';
import { looksLikePattern, PatternError } from '../glob/pattern.ts';
import { guestPathNames } from './containment.ts';
import { literalSegments, patternSegments, WHOLE_TREE, type Segment } from './segments.ts';

/** Files below a folder, put below a guest directory. */
interface TreeSelection {
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
interface FileSelection {
  readonly kind: 'file';
  readonly start: string;
  readonly segments: readonly Segment[];
  readonly guestPath: readonly string[];
}

export type Selection = TreeSelection | FileSelection;

/** What stands at a path relative to the application directory, symlinks followed. */
export type Presence = 'file' | 'directory' | 'absent';

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
    throw endsInParent();
  }
  if (pattern === '.' || pattern.endsWith('/.')) {
    throw endsInCurrent();
  }
  if (presence === 'absent' && !looksLikePattern(pattern)) {
    throw noFileAndNoPattern(pattern);
  }
  const path = normalize(pattern);
  if (path.startsWith('/') || path === '..' || path.startsWith('../')) {
    throw outsideTheApp(pattern);
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
    throw error instanceof PatternError ? badPattern(pattern, error) : error;
  }
}

function placementSelection(
  { source, destination }: { readonly source: string; readonly destination: string },
  presence: Presence,
): Selection {
  if (presence === 'absent') {
    throw noSuchSource(source);
  }
  const path = normalize(source);
  if (path.startsWith('/')) {
    throw outsideTheApp(source);
  }
  const guestPath = guestPathNames(destination);
  if (guestPath === undefined) {
    throw destinationOutside(destination);
  }
  // What is named through `..` begins at that very directory; the way to it is the author's business.
  const isOutside = path === '..' || path.startsWith('../');
  if (presence === 'directory') {
    const segments = isOutside ? [] : literalSegments(path);
    const start = isOutside ? path : '';
    return { kind: 'tree', start, segments: [...segments, ...WHOLE_TREE], dropped: segments.length, below: guestPath };
  }
  if (guestPath.length === 0 || /(^|\/)\.?$/.test(destination)) {
    throw noFileName(destination, `/${basename(path)}`);
  }
  return isOutside
    ? { kind: 'file', start: dirname(path), segments: literalSegments(basename(path)), guestPath }
    : { kind: 'file', start: '', segments: literalSegments(path), guestPath };
}

function literalNames(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
