// Makes the command line one executable file, for people without Node: Node itself with the bundle and what it needs in it.
// Usage: npm run build:executable [-- --node <binary of another platform, same version>] [--out <file>]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '..');

/** As they lie in a published package; `executable.js` unpacks them so. */
const INSIDE = ['cli/package.json', 'templates/**'];

export interface ExecutableOptions {
  /** Binary of Node to put it into; that which runs this by default. */
  readonly node?: string;
  readonly out: string;
}

export function buildExecutable({ node = process.execPath, out }: ExecutableOptions): void {
  const work = mkdtempSync(join(tmpdir(), 'spindle-executable-'));
  try {
    const dist = join(work, 'cli/dist');
    execFileSync(process.execPath, [join(ROOT, 'hack/bundle.ts'), 'cli', '--out', dist], { stdio: 'inherit' });
    const assets = { ...filesOf(work, ['cli/dist/**']), ...filesOf(ROOT, INSIDE) };
    const digest = join(work, 'digest');
    writeFileSync(digest, digestOf(assets));
    mkdirSync(dirname(resolve(out)), { recursive: true });
    const config = join(work, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({
        main: join(ROOT, 'cli/bin/executable.js'),
        mainFormat: 'commonjs',
        executable: node,
        output: resolve(out),
        disableExperimentalSEAWarning: true,
        // Of another platform than this one neither could be used.
        useSnapshot: false,
        useCodeCache: false,
        assets: { ...assets, digest },
      }),
    );
    execFileSync(process.execPath, ['--build-sea', config], { stdio: ['ignore', 'ignore', 'inherit'] });
    chmodSync(out, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Path inside to path on disk. The list of sources is for checkouts. */
function filesOf(folder: string, patterns: readonly string[]): Record<string, string> {
  const paths = patterns.flatMap((pattern) => globSync(pattern, { cwd: folder })).toSorted();
  return Object.fromEntries(
    paths
      .map((path) => [relative('.', path), join(folder, path)] as const)
      .filter(([path, file]) => statSync(file).isFile() && !path.endsWith('dist/sources.json')),
  );
}

function digestOf(assets: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const [path, file] of Object.entries(assets)) {
    hash.update(`${path}\0`).update(readFileSync(file)).update('\0');
  }
  // Enough to tell builds apart.
  return hash.digest('hex').slice(0, 16);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { node: { type: 'string' }, out: { type: 'string', default: join(ROOT, 'dist/spindle') } },
  });
  buildExecutable({ out: values.out, ...(values.node === undefined ? {} : { node: values.node }) });
}
