// The shared libraries that Node needs, out of Debian packages for the image's machine. apt gets them by a state of its own, so
// that this machine's own packages are neither asked nor changed. Which packages they were is written down beside this, so
// that the next build takes the same.
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architectures.ts';
import { CACHE } from './cache.ts';
import type { Entry } from './tar.ts';

const run = promisify(execFile);
const LOCK = join(import.meta.dirname, 'debian-packages.json');

/** By package. The loader is the C library's too. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  // Since 2.34 the C library resolves names without further files; the last is for programs of older days.
  libc6: ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'libresolv.so.2'],
  'libstdc++6': ['libstdc++.so.6'],
  'libgcc-s1': ['libgcc_s.so.1'],
  libatomic1: ['libatomic.so.1'],
};

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** By architecture. */
export type PackageLock = Readonly<Record<string, readonly DebianPackage[]>>;

export interface Libraries {
  readonly entries: readonly Entry[];
  readonly packages: readonly DebianPackage[];
}

export const readPackageLock = async (): Promise<PackageLock> =>
  JSON.parse(await readFile(LOCK, 'utf8')) as PackageLock;

export const writePackageLock = (lock: PackageLock): Promise<void> =>
  writeFile(LOCK, `${JSON.stringify(lock, null, 2)}\n`);

/** `latest`: as the mirror has them now, whatever the lock says. */
export async function librariesFor(
  architecture: Architecture,
  latest: boolean,
  warn: (message: string) => void,
): Promise<Libraries> {
  const locked = latest ? undefined : (await readPackageLock())[architecture.name];
  const { folder, packages } =
    (await fromCache(locked)) ??
    (await fetched(
      architecture,
      locked?.map(({ name, version }) => `${name}=${version}`),
    )) ??
    (await withoutLock(architecture, warn));
  const lib = `lib/${architecture.triplet}`;
  const files = Object.values(LIBRARIES).flat().concat(architecture.loaderFile);
  const entries = await Promise.all(
    files.map(async (file): Promise<Entry> => ({
      kind: 'file',
      path: `${lib}/${file}`,
      content: await libraryOf(folder, architecture, file),
      mode: file === architecture.loaderFile ? 0o755 : 0o644,
    })),
  );
  return {
    packages,
    entries: [
      ...entries,
      { kind: 'link', path: architecture.loader, target: `/${lib}/${architecture.loaderFile}` },
      ...(await Promise.all(
        packages.map(async ({ name }): Promise<Entry> => ({
          kind: 'file',
          path: `usr/share/doc/${name}/copyright`,
          content: await copyrightOf(folder, name),
        })),
      )),
    ],
  };
}

interface Fetched {
  readonly folder: string;
  readonly packages: readonly DebianPackage[];
}

async function fromCache(locked: readonly DebianPackage[] | undefined): Promise<Fetched | undefined> {
  const folder = locked === undefined ? '' : folderOf(locked);
  return locked !== undefined && (await readdir(folder).catch(() => [])).length > 0
    ? { folder, packages: locked }
    : undefined;
}

async function withoutLock(architecture: Architecture, warn: (message: string) => void): Promise<Fetched> {
  warn(
    `the mirror has other packages for ${architecture.name} than debian-packages.json; the image has another digest`,
  );
  const found = await fetched(architecture, Object.keys(LIBRARIES));
  if (found === undefined) {
    throw new Error(`apt cannot download ${Object.keys(LIBRARIES).join(', ')} for ${architecture.name}`);
  }
  return found;
}

/** Undefined when apt does not have them. */
async function fetched({ name }: Architecture, wanted = Object.keys(LIBRARIES)): Promise<Fetched | undefined> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'debian-'));
  try {
    const apt = await aptFor(name, work);
    await run('apt-get', [...apt, 'update'], { cwd: work, maxBuffer: 16 << 20 });
    const archives = join(work, 'archives');
    await mkdir(archives);
    try {
      const base = wanted.some((pkg) => pkg.startsWith('gcc-')) ? [] : await compilersBase(apt);
      await run('apt-get', [...apt, 'download', ...wanted, ...base], { cwd: archives });
    } catch {
      // expected: a mirror keeps only the newest of a version.
      return undefined;
    }
    const packages: DebianPackage[] = [];
    for (const file of (await readdir(archives)).toSorted()) {
      const path = join(archives, file);
      const [pkg = '', version = ''] = decodeURIComponent(file).split('_');
      packages.push({ name: pkg, version, sha256: hash('sha256', await readFile(path)) });
      await run('dpkg', ['-x', path, join(work, 'root')]);
    }
    const folder = folderOf(packages);
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, 'root'), folder);
    return { folder, packages };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The libraries of the compiler have their licence in a package of its release's name. */
async function compilersBase(apt: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-cache', [...apt, 'depends', 'libgcc-s1']);
  return [...stdout.matchAll(/^\s+Depends: (gcc-\d+-base)$/gm)].flatMap(([, name]) => name ?? []);
}

const folderOf = (packages: readonly DebianPackage[]): string =>
  join(CACHE, `debian-${hash('sha256', JSON.stringify(packages)).slice(0, 16)}`);

/** The machine's own sources and keys, and nothing else of its apt. */
async function aptFor(architecture: string, work: string): Promise<string[]> {
  const state = join(work, 'state');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  const options = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** A library is a link to a file with its full version, in a folder that differs between releases. */
async function libraryOf(folder: string, { triplet, loaderFile }: Architecture, file: string): Promise<Buffer> {
  const places = [
    `lib/${triplet}`,
    `usr/lib/${triplet}`,
    ...(file === loaderFile ? ['lib', 'lib64', 'usr/lib', 'usr/lib64'] : []),
  ];
  for (const place of places) {
    try {
      return await readFile(join(folder, place, file));
    } catch {
      // expected: the next place is tried.
    }
  }
  throw new Error(`no package has ${file}`);
}

/** That of a library of the compiler is a link into its base's. */
async function copyrightOf(folder: string, name: string): Promise<Buffer> {
  const docs = join(folder, 'usr/share/doc');
  const target = await readlink(join(docs, name)).catch(() => name);
  return readFile(join(docs, target, 'copyright'));
}
