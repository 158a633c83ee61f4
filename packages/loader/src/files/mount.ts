// The files of one component: all entries of the manifest copied below one directory, or directories mounted where they
// stand (spin-contract.md §1.7).
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContentPath, FilesEntry } from '@spindle/api';
import {
  badExclusion,
  noExclusionsInMounts,
  onlyDirectoriesMounted,
  symlinkOutside,
  unreadablePath,
} from '../errors.ts';
import { matchesPattern } from '../glob/match.ts';
import { parsePattern, PatternError } from '../glob/pattern.ts';
import { forEachParallel } from '../parallel.ts';
import { atPlace } from '../placed-error.ts';
import { isInside } from './containment.ts';
import { MAX_PARALLEL_COPIES, openAssetDirectory, type AssetDirectory } from './copy.ts';
import { isSystemError } from './directory.ts';
import { adviceOn, selectionOf, type Presence, type Selection } from './selection.ts';
import { refuseOutwardSymlinks, walk, type FoundFile, type WalkOptions } from './walk.ts';

export interface MountRequest {
  readonly componentId: string;
  readonly files: readonly FilesEntry[];
  readonly excludeFiles: readonly string[];
  /** Directory of the manifest, absolute. */
  readonly appRoot: string;
  readonly manifest: string;
  readonly workDir: string;
  readonly warn: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Copies everything to `<workDir>/assets/<component id>`, and gives the one mount of it. */
export async function copyMounts(request: MountRequest): Promise<ContentPath[]> {
  if (request.files.length === 0) {
    return [];
  }
  const assets = await openAssetDirectory(request.workDir, request.componentId);
  const isExcluded = exclusion(request);
  // One entry after the other: where two give the same guest path, the later one wins.
  for (const [index, entry] of request.files.entries()) {
    const field = `component.${request.componentId}.files[${index}]`;
    await atPlace({ file: request.manifest, field }, () => copyEntry(request, field, entry, assets, isExcluded));
  }
  return [assets.mount];
}

/** Mounts each entry, which must be a directory, where it stands. */
export async function directMounts(request: MountRequest): Promise<ContentPath[]> {
  if (request.files.length > 0 && request.excludeFiles.length > 0) {
    const field = `component.${request.componentId}.exclude_files`;
    throw noExclusionsInMounts({ file: request.manifest, field });
  }
  const mounts: ContentPath[] = [];
  for (const [index, entry] of request.files.entries()) {
    const field = `component.${request.componentId}.files[${index}]`;
    mounts.push(await atPlace({ file: request.manifest, field }, () => directMount(request, entry)));
  }
  return mounts;
}

async function copyEntry(
  request: MountRequest,
  field: string,
  written: FilesEntry,
  assets: AssetDirectory,
  isExcluded: (path: string) => boolean,
): Promise<void> {
  const entry = relativeToApp(request.appRoot, written);
  const advice = adviceOn(entry);
  if (advice !== undefined) {
    request.warn(advice);
  }
  const selection = selectionOf(entry, await presenceOf(request.appRoot, pathOf(entry)));
  const options = await walkOptions(request, selection);
  const skip = await realpath(request.workDir);
  let found = 0;
  // Spin takes exclusions for what a pattern or directory selects, not for a file that is named itself.
  const excluded =
    selection.kind === 'file' ? {} : { isExcluded: (path: string) => isExcluded(join(selection.start, path)) };
  await forEachParallel(walk({ ...options, ...excluded, skip }), MAX_PARALLEL_COPIES, async (file) => {
    found += 1;
    await assets.copy(file.realPath, guestPathOf(selection, file));
  });
  if (found === 0) {
    request.warn(`${field}: ${JSON.stringify(pathOf(written))} selects no file`);
  }
}

function guestPathOf(selection: Selection, file: FoundFile): readonly string[] {
  return selection.kind === 'file'
    ? selection.guestPath
    : [...selection.below, ...file.path.split('/').slice(selection.dropped)];
}

async function walkOptions(request: MountRequest, selection: Selection): Promise<WalkOptions> {
  const appRoot = await realpath(request.appRoot);
  const start = await realpath(join(request.appRoot, selection.start));
  return {
    start,
    segments: selection.segments,
    allowed: selection.start === '' ? [appRoot] : [appRoot, await realNamed(request, selection)],
    show: (path) => JSON.stringify(join(selection.start, path)),
    warn: request.warn,
    signal: request.signal,
  };
}

/** What a `source` names through `..`: the author's own words, so what is below it may be read too. */
function realNamed(request: MountRequest, selection: Selection): Promise<string> {
  const name = selection.kind === 'file' && selection.segments[0]?.kind === 'literal' ? selection.segments[0].name : '';
  return realpath(join(request.appRoot, selection.start, name));
}

async function directMount(request: MountRequest, written: FilesEntry): Promise<ContentPath> {
  const entry = relativeToApp(request.appRoot, written);
  const source = pathOf(entry);
  if ((await presenceOf(request.appRoot, source)) !== 'directory') {
    throw onlyDirectoriesMounted(pathOf(written));
  }
  selectionOf(entry, 'directory');
  await refuseOutward(request, source);
  return {
    source: pathToFileURL(resolve(request.appRoot, source)).href,
    path: entry.kind === 'pattern' ? entry.pattern : entry.destination,
  };
}

/** Nothing is copied, but what may not be read must be refused at the start, not at the first open. */
async function refuseOutward(request: MountRequest, source: string): Promise<void> {
  const appRoot = await realpath(request.appRoot);
  const folder = await realpath(resolve(request.appRoot, source));
  const isNamedOutside = normalize(source).split('/')[0] === '..';
  if (!isNamedOutside && !isInside(appRoot, folder)) {
    throw symlinkOutside(JSON.stringify(source), resolve(request.appRoot, source), folder);
  }
  const allowed = isNamedOutside ? [appRoot, folder] : [appRoot];
  const show = (path: string): string => JSON.stringify(join(source, path));
  await refuseOutwardSymlinks(folder, { allowed, show, signal: request.signal });
}

function exclusion(request: MountRequest): (path: string) => boolean {
  const patterns = request.excludeFiles.map((pattern, index) => {
    try {
      return parsePattern(pattern);
    } catch (error) {
      const field = `component.${request.componentId}.exclude_files[${index}]`;
      throw error instanceof PatternError ? badExclusion(pattern, { file: request.manifest, field }, error) : error;
    }
  });
  return (path) => patterns.some((tokens) => matchesPattern(tokens, path));
}

function pathOf(entry: FilesEntry): string {
  return entry.kind === 'pattern' ? entry.pattern : entry.source;
}

/** An absolute path below the application directory means the same as the relative one. */
function relativeToApp(appRoot: string, entry: FilesEntry): FilesEntry {
  const path = pathOf(entry);
  if (!isAbsolute(path) || !isInside(appRoot, path)) {
    return entry;
  }
  const inside = relative(appRoot, path);
  return entry.kind === 'pattern' ? { ...entry, pattern: inside } : { ...entry, source: inside };
}

async function presenceOf(appRoot: string, path: string): Promise<Presence> {
  if (path.includes('\0')) {
    return 'absent';
  }
  try {
    return (await stat(resolve(appRoot, path))).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    // expected: a pattern is not a path, and may be too long to be one
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP')) {
      return 'absent';
    }
    throw isSystemError(error) ? unreadablePath(JSON.stringify(path), error) : error;
  }
}
