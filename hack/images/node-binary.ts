// Node for a machine that need not be this one: the npm package that the lock names, checked against it.
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architectures.ts';
import { cached } from './cache.ts';
import { withoutSections } from './elf.ts';

const run = promisify(execFile);
const LOCK = join(import.meta.dirname, '../../package-lock.json');

export interface NodeRelease {
  readonly version: string;
  readonly program: Buffer;
  readonly license: Buffer;
}

export async function nodeFor({ nodePackage }: Architecture): Promise<NodeRelease> {
  const { version, integrity } = await locked(nodePackage);
  const id = `${nodePackage}-${version}`;
  const archive = (): Promise<Buffer> => cached(`${id}.tgz`, () => download(nodePackage, version, integrity));
  return {
    version,
    program: await cached(`${id}.stripped`, async () =>
      withoutSections(await fileOf(await archive(), 'package/bin/node')),
    ),
    license: await cached(`${id}.license`, async () => fileOf(await archive(), 'package/LICENSE')),
  };
}

async function locked(name: string): Promise<{ readonly version: string; readonly integrity: string }> {
  const { packages } = JSON.parse(await readFile(LOCK, 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
  };
  const found = packages[`node_modules/${name}`];
  if (found === undefined) {
    throw new Error(`package-lock.json does not name ${name}`);
  }
  return found;
}

async function download(name: string, version: string, integrity: string): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'node-package-'));
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], { cwd: work });
    const [file = ''] = await readdir(work);
    const archive = await readFile(join(work, file));
    const found = `sha512-${hash('sha512', archive, 'base64')}`;
    if (found !== integrity) {
      throw new Error(`${name}@${version} is ${found}, and not ${integrity}, which package-lock.json names`);
    }
    return archive;
  } finally {
    await rm(work, { recursive: true });
  }
}

/** tar reads archives from its standard input. */
async function fileOf(archive: Buffer, path: string): Promise<Buffer> {
  const unpacking = run('tar', ['-xzO', path], { encoding: 'buffer', maxBuffer: 1 << 30 });
  unpacking.child.stdin?.end(archive);
  return (await unpacking).stdout;
}
