// Makes the command line a plugin of Spin, under its two names: an archive with the executable and a manifest for each.
// Usage: npm run build:plugin [-- --out <folder>] [--base-url <url of the archives>] [--node <os>-<arch>=<binary of Node>]...
// Then: spin plugins install --file dist/plugin/kube.json --yes
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildExecutable } from './executable.ts';

const ROOT = join(import.meta.dirname, '..');

/** Upstream's name, and the one it had before. */
const NAMES = ['kube', 'k8s'];

/** In Spin's words. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' };
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'macos' };

export interface PluginPackage {
  readonly os: string;
  readonly arch: string;
  readonly url: string;
  readonly sha256: string;
}

/** As Spin's schema of plugin manifests has it. */
export const pluginManifest = (name: string, version: string, packages: readonly PluginPackage[]): object => ({
  name,
  description: 'Deploy Spin applications to Kubernetes with Spindle, and see to them there.',
  version,
  // The least that upstream's plugin asks for.
  spinCompatibility: '>=2.3.1',
  license: 'Apache-2.0',
  packages,
});

interface Platform {
  readonly os: string;
  readonly arch: string;
  /** Binary of Node. */
  readonly node: string;
}

export function buildPlugins(out: string, baseUrl: string, platforms: readonly Platform[]): void {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'cli/package.json'), 'utf8')) as { version: string };
  const packages = new Map<string, PluginPackage[]>(NAMES.map((name) => [name, []]));
  mkdirSync(out, { recursive: true });
  for (const { os, arch, node } of platforms) {
    const work = mkdtempSync(join(tmpdir(), 'spindle-plugin-'));
    try {
      buildExecutable({ node, out: join(work, 'spindle') });
      for (const name of NAMES) {
        // Spin starts the file that has the plugin's name.
        copyFileSync(join(work, 'spindle'), join(work, name));
        const archive = archiveOf(work, [name]);
        const file = `${name}-${version}-${os}-${arch}.tar.gz`;
        writeFileSync(join(out, file), archive);
        const sha256 = createHash('sha256').update(archive).digest('hex');
        packages.get(name)?.push({ os, arch, url: `${baseUrl.replace(/\/$/, '')}/${file}`, sha256 });
      }
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  for (const [name, of] of packages) {
    writeFileSync(join(out, `${name}.json`), `${JSON.stringify(pluginManifest(name, version, of), null, 2)}\n`);
  }
}

/** The same for the same files, whenever and by whomever it is made. */
function archiveOf(folder: string, files: readonly string[]): Buffer {
  const tar = execFileSync(
    'tar',
    ['--create', '--format=ustar', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=755', ...files],
    { cwd: folder, maxBuffer: 2 ** 30 },
  );
  return gzipSync(tar);
}

function platformOf(text: string): Platform {
  const match = /^(?<os>[a-z]+)-(?<arch>[a-z0-9]+)=(?<node>.+)$/.exec(text);
  const { os = '', arch = '', node = '' } = match?.groups ?? {};
  if (match === null) {
    throw new Error(`--node must be like linux-aarch64=/path/to/node, not ${text}`);
  }
  return { os, arch, node: resolve(node) };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(ROOT, 'dist/plugin') },
      'base-url': { type: 'string' },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const here: Platform = {
    os: SYSTEMS[process.platform] ?? process.platform,
    arch: ARCHITECTURES[process.arch] ?? process.arch,
    node: process.execPath,
  };
  const out = resolve(values.out);
  buildPlugins(
    out,
    values['base-url'] ?? pathToFileURL(out).href,
    values.node.length === 0 ? [here] : values.node.map(platformOf),
  );
}
