// Finds a program of the test cluster: in the folder that KUBEBUILDER_ASSETS names, on PATH, in the cache of this checkout,
// among the release site's downloads, or built from Go modules, in this order. What was downloaded or built stays in
// node_modules/.cache/cluster.
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { findProgram } from '../services/debian-package.ts';
import { buildKubernetes, buildModule } from './go-build.ts';
import { KUBE_ALL, sourceOf, type ClusterProgram, type Download, type ProgramSource } from './programs.ts';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/cluster');

/** How long the release site may take to begin an answer before the build from modules is tried. */
const DOWNLOAD_START_MS = 10_000;

/** Absolute path of the program. */
export async function findClusterProgram(name: ClusterProgram): Promise<string> {
  const source = sourceOf(name);
  for (const folder of foldersFor(source)) {
    const path = join(folder, name);
    if (await isExecutable(path)) {
      return path;
    }
  }
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'work-'));
  const output = join(CACHE, name);
  try {
    await download(source.download, work, output);
    return output;
  } catch (error) {
    // expected: many machines reach the Go module proxy only; the build says what is wrong when that fails too.
    return await build(name, source, work, output, error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function foldersFor({ fromPath }: ProgramSource): string[] {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
  return [
    ...(assets === '' ? [] : [assets, join(assets, 'cni')]),
    ...(fromPath ? (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '') : []),
    CACHE,
  ];
}

async function download({ url, member }: Download, work: string, output: string): Promise<void> {
  const begun = new AbortController();
  const timer = setTimeout(() => begun.abort(), DOWNLOAD_START_MS);
  const response = await fetch(url, { signal: begun.signal });
  clearTimeout(timer);
  if (!response.ok || response.body === null) {
    throw new Error(`${response.url} answered ${response.status}`);
  }
  const file = join(work, 'downloaded');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  if (member !== undefined) {
    await run('tar', ['-xzf', file, '-C', work, member]);
  }
  const program = member === undefined ? file : join(work, member);
  await chmod(program, 0o755);
  await rename(program, output);
}

async function build(
  name: ClusterProgram,
  source: ProgramSource,
  work: string,
  output: string,
  downloadError: unknown,
): Promise<string> {
  try {
    switch (source.build) {
      case 'debian-package':
        return (await findProgram({ program: name, package: name, variable: '', folder: 'usr/sbin' })).path;
      case 'kube-all':
        await buildKubernetes(work, join(CACHE, 'kube-all'));
        for (const each of KUBE_ALL) {
          await rm(join(CACHE, each), { force: true });
          await symlink('kube-all', join(CACHE, each));
        }
        return output;
      default:
        await buildModule(work, source.build, output);
        return output;
    }
  } catch (cause) {
    throw new Error(
      `cannot get ${name}: put it on PATH or into the folder that KUBEBUILDER_ASSETS names (download: ${String(downloadError)})`,
      { cause },
    );
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // expected: the next place is tried.
    return false;
  }
}
