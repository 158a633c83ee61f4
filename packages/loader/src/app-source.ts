// Guesses what `--from` names (spin-contract.md §2.3, §5.3): what exists on disk is local, anything else is an OCI
// reference if it can be one. Every refusal says what was looked at.
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '@spindle/api';
import { parseReference } from '@spindle/oci';
import {
  inaccessiblePath,
  manifestNotFound,
  neitherFileNorDirectory,
  neitherPathNorReference,
  noManifestIn,
  noSuchPath,
  sourceNotFound,
} from './errors.ts';
import { isSystemError } from './files/directory.ts';
import type { AppSource } from './types.ts';

export interface SourceOptions {
  /** `--from-file`: a path, whatever it looks like. */
  readonly fromFile?: boolean;
  /** `--from-registry`: a reference, even if a file of that name exists. */
  readonly fromRegistry?: boolean;
  /** Where relative paths begin, and the search for a manifest. */
  readonly cwd: string;
}

const MANIFEST = 'spin.toml';

export async function resolveSource(from: string | undefined, options: SourceOptions): Promise<AppSource> {
  if (from === undefined) {
    return { kind: 'manifest', path: await searchUpward(options.cwd) };
  }
  if (options.fromRegistry === true) {
    parseReference(from);
    return { kind: 'registry', reference: from };
  }
  const path = resolve(options.cwd, from);
  const presence = await presenceOf(path);
  if (presence !== 'absent' || options.fromFile === true) {
    return localSource(path, presence);
  }
  return registrySource(from, path);
}

async function localSource(path: string, presence: Presence): Promise<AppSource> {
  switch (presence) {
    case 'file':
      return /\.wa(sm|t)$/.test(path) ? { kind: 'wasm', path } : { kind: 'manifest', path };
    case 'directory': {
      const manifest = join(path, MANIFEST);
      if ((await presenceOf(manifest)) === 'file') {
        return { kind: 'manifest', path: manifest };
      }
      throw noManifestIn(path);
    }
    case 'absent':
      throw noSuchPath(path);
    case 'special':
      throw neitherFileNorDirectory(path);
  }
}

function registrySource(from: string, path: string): AppSource {
  if (/^[./]/.test(from)) {
    throw noSuchPath(path); // no reference begins so: a path was meant
  }
  try {
    // Nearly any relative path can be read as a repository of Docker Hub; only one that says so is taken for it.
    if (parseReference(from).registry !== 'docker.io' || from.includes('docker')) {
      return { kind: 'registry', reference: from };
    }
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    throw neitherPathNorReference(from, path, error);
  }
  throw sourceNotFound(from, path);
}

/** The nearest manifest in a folder or above it, but not above the root of a Git repository, as Spin searches. */
async function searchUpward(cwd: string): Promise<string> {
  const start = resolve(cwd);
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, MANIFEST);
    if ((await presenceOf(manifest)) === 'file') {
      return manifest;
    }
    if (dirname(folder) === folder || (await presenceOf(join(folder, '.git'))) === 'directory') {
      const searched = folder === start ? start : `${start} and the directories above it up to ${folder}`;
      throw manifestNotFound(searched);
    }
  }
}

type Presence = 'file' | 'directory' | 'special' | 'absent';

async function presenceOf(path: string): Promise<Presence> {
  try {
    const found = await stat(path);
    if (found.isFile()) {
      return 'file';
    }
    return found.isDirectory() ? 'directory' : 'special';
  } catch (error) {
    // expected: a reference is no path that exists, and may be no possible path at all
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP')) {
      return 'absent';
    }
    if (isSystemError(error)) {
      throw inaccessiblePath(path, error);
    }
    throw error;
  }
}
