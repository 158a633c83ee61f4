// Finds a server program for tests: named by an environment variable, on this machine's PATH, or out of a Debian package,
// which is downloaded with the libraries it needs and unpacked into node_modules/.cache/services. Nothing is ever
// installed, so no script of a package runs and no daemon starts.
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/services');

/** Where Debian keeps servers, which PATH of an ordinary user leaves out. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface Wanted {
  /** File name, e.g. `redis-server`. */
  readonly program: string;
  /** Debian package that has it. */
  readonly package: string;
  /** Environment variable that may hold its path instead. */
  readonly variable: string;
  /** Where the package keeps it, from its root, e.g. `usr/bin`; `*` stands for the folder of the newest version. */
  readonly folder: string;
}

export interface Program {
  readonly path: string;
  /** To be added to the environment of the program: where its libraries are when it was unpacked. */
  readonly env: Readonly<Record<string, string>>;
  /** Root of the unpacked package, for what else is in it; undefined for a program of this machine. */
  readonly root: string | undefined;
}

export async function findProgram(wanted: Wanted): Promise<Program> {
  const named = process.env[wanted.variable];
  if (named !== undefined && named !== '') {
    return { path: named, env: {}, root: undefined };
  }
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  for (const folder of [...folders, await matching('/', wanted.folder)]) {
    const path = folder === undefined || folder === '' ? undefined : join(folder, wanted.program);
    if (path !== undefined && (await isExecutable(path))) {
      return { path, env: {}, root: undefined };
    }
  }
  const root = join(CACHE, wanted.package);
  if (!(await exists(root))) {
    await unpackPackage(wanted.package, root);
  }
  const folder = await matching(root, wanted.folder);
  if (folder === undefined) {
    throw new Error(`the package ${wanted.package} has no ${wanted.folder}`);
  }
  const libraries = await libraryFolders(root);
  return { path: join(folder, wanted.program), env: { LD_LIBRARY_PATH: libraries.join(delimiter) }, root };
}

/** Downloads a package with what it depends on and this machine has not, and unpacks all; the folder appears whole. */
async function unpackPackage(name: string, target: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, `${name}-`));
  try {
    const download = async (): Promise<void> => {
      await run('apt-get', ['download', ...(await missingPackages(name))], { cwd: work });
    };
    await download().catch(async () => {
      // expected: a fresh machine has no lists of packages yet, and old lists name what is gone.
      await run('apt-get', ['update']);
      await download();
    });
    for (const archive of (await readdir(work)).filter((file) => file.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, archive), join(work, 'root')]);
    }
    await rename(join(work, 'root'), target);
  } catch (cause) {
    // Another process may have been faster.
    if (!(await exists(target))) {
      throw new Error(`cannot get ${name}: run "apt-get update && apt-get install ${name}" as root`, { cause });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package itself first, `name=version` each. */
async function missingPackages(name: string): Promise<string[]> {
  const { stdout } = await run('apt-get', ['install', '--simulate', '--quiet', '--no-install-recommends', name]);
  const found = [...stdout.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+)/gm)].map(
    ([, pkg, version]) => `${pkg}=${version}`,
  );
  // Installed, and the program not where it is looked for: then the package alone.
  return found.length === 0 ? [name] : found;
}

async function libraryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const base of ['lib', 'usr/lib']) {
    const parent = join(root, base);
    // A folder for the machine's architecture, as x86_64-linux-gnu.
    const inside = (await exists(parent)) ? await readdir(parent, { withFileTypes: true }) : [];
    folders.push(
      ...inside
        .filter((entry) => entry.isDirectory() && entry.name.includes('linux'))
        .map(({ name }) => join(parent, name)),
    );
  }
  return folders;
}

/** `pattern` under `root`, with the newest version's folder for `*`. */
async function matching(root: string, pattern: string): Promise<string | undefined> {
  let path = root;
  for (const part of pattern.split('/')) {
    const name =
      part === '*'
        ? (await exists(path))
          ? (await readdir(path)).toSorted((a, b) => Number(a) - Number(b)).at(-1)
          : undefined
        : part;
    if (name === undefined) {
      return undefined;
    }
    path = join(path, name);
  }
  return path;
}

const isExecutable = (path: string): Promise<boolean> => may(path, constants.X_OK);
const exists = (path: string): Promise<boolean> => may(path, constants.F_OK);

async function may(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    // expected: the next place is tried.
    return false;
  }
}
