// The files of the images: a base of Node with the libraries it needs, the same for both, and one program each.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Architecture } from './architectures.ts';
import { librariesFor, type DebianPackage } from './debian-libraries.ts';
import { nodeFor } from './node-binary.ts';
import type { Entry } from './tar.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The user that images of the field call nonroot. */
export const NON_ROOT = 65_532;

export interface Base {
  readonly entries: readonly Entry[];
  readonly nodeVersion: string;
  readonly packages: readonly DebianPackage[];
}

export async function baseFor(
  architecture: Architecture,
  latest: boolean,
  warn: (message: string) => void,
): Promise<Base> {
  const node = await nodeFor(architecture);
  const { entries, packages } = await librariesFor(architecture, latest, warn);
  return {
    nodeVersion: node.version,
    packages,
    entries: [
      { kind: 'file', path: 'usr/bin/node', content: node.program, mode: 0o755 },
      { kind: 'file', path: 'usr/share/doc/nodejs/LICENSE', content: node.license },
      ...entries,
      text('etc/passwd', lines('root:x:0:0:root:/root:/sbin/nologin', user)),
      text('etc/group', lines('root:x:0:', `nonroot:x:${NON_ROOT}:`)),
      // Without it the C library asks DNS before it looks into /etc/hosts.
      text('etc/nsswitch.conf', 'hosts: files dns\n'),
      // Mozilla's list as this Node has it; Node itself brings its own.
      text('etc/ssl/certs/ca-certificates.crt', `${rootCertificates.join('\n')}\n`),
      { kind: 'folder', path: 'home/nonroot', mode: 0o700, owner: NON_ROOT },
      { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ],
  };
}

const user = `nonroot:x:${NON_ROOT}:${NON_ROOT}:nonroot:/home/nonroot:/sbin/nologin`;
const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
const text = (path: string, content: string, mode = 0o644): Entry => ({
  kind: 'file',
  path,
  content: Buffer.from(content),
  mode,
});

export interface Program {
  /** Folder of this repository with the bundle in `dist`. */
  readonly source: 'cli' | 'operator';
  /** In /usr/bin. */
  readonly command: string;
  readonly links: readonly string[];
  readonly nodeFlags: readonly string[];
}

/** The same for every machine. */
export async function programEntries({ source, command, links, nodeFlags }: Program): Promise<Entry[]> {
  const dist = join(ROOT, source, 'dist');
  const home = `usr/lib/${command}`;
  const modules = (await readdir(dist)).filter((name) => name.endsWith('.cjs')).toSorted();
  const shebang = ['#!/usr/bin/node', ...nodeFlags].join(' ');
  return [
    ...(await Promise.all(
      modules.map(async (name): Promise<Entry> => ({
        kind: 'file',
        path: `${home}/dist/${name}`,
        content: await readFile(join(dist, name)),
      })),
    )),
    // Says its version.
    { kind: 'file', path: `${home}/package.json`, content: await commonJs(join(ROOT, source, 'package.json')) },
    text(`usr/bin/${command}`, `${shebang}\nrequire('/${home}/dist/main.cjs');\n`, 0o755),
    ...links.map((name): Entry => ({ kind: 'link', path: `usr/bin/${name}`, target: command })),
  ];
}

async function commonJs(path: string): Promise<Buffer> {
  const { name, version, license } = JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<string, string>>;
  return Buffer.from(`${JSON.stringify({ name, version, license })}\n`);
}
