// Bundles the command line, the operator and the shim, each into its `dist`, as CommonJS: loading the sources one by one is most of
// what a start costs, and a third of what the operator needs in memory.
// Usage: npm run build [-- [--if-stale] [cli | operator | shim]]; one of them may go to another place by --out <folder>
import { globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown, type RolldownOutput } from 'rolldown';
import { deferHeavyBuiltins } from './bundle-builtins.ts';
import { bundleWorkers } from './bundle-workers.ts';

const ROOT = join(import.meta.dirname, '..');
/** What shapes a bundle besides the modules in it; the last says what is installed. */
const ALSO_FROM = [...globSync('hack/bundle*.ts', { cwd: ROOT }), 'package-lock.json'];

/** Sources of this repository, without the entries of processes and threads. */
const OWN = /\/src\/(?!(.*\/)?(\w+-)?main\.ts$).*\.ts$/;

const { isFresh } = createRequire(import.meta.url)('../cli/bin/bundle.js') as { isFresh(folder: string): boolean };
const PROGRAMS = ['cli', 'operator', 'shim'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'if-stale': { type: 'boolean' }, out: { type: 'string' } },
});
const wanted = positionals.length === 0 ? PROGRAMS : positionals;
if (wanted.some((name) => !PROGRAMS.includes(name)) || (values.out !== undefined && wanted.length > 1)) {
  console.error(`Usage: node hack/bundle.ts [--if-stale] [${PROGRAMS.join(' | ')} [--out <folder>]]`);
  process.exit(2);
}
for (const program of wanted) {
  if (!values['if-stale'] || !isFresh(join(ROOT, program))) {
    await build(program, values.out ?? join(ROOT, program, 'dist'));
  }
}

/** Made beside its place and moved there, so that no start ever finds half of it. */
async function build(program: string, place: string): Promise<void> {
  const draft = `${place}.${process.pid}`;
  try {
    await bundleInto(program, draft);
    rmSync(place, { recursive: true, force: true });
    renameSync(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function bundleInto(program: string, dir: string): Promise<void> {
  const started = Date.now();
  const bundle = await rolldown({
    cwd: ROOT,
    input: { main: `${program}/src/main.ts` },
    platform: 'node',
    // Our modules do nothing when imported (entries aside): what only a thread uses is not loaded by the command, though an
    // index that both import names it.
    treeshake: { moduleSideEffects: [{ test: OWN, sideEffects: false }] },
    plugins: [deferHeavyBuiltins(), bundleWorkers()],
  });
  const output = await bundle.write({
    dir,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    dynamicImportInCjs: false,
    comments: false,
    // One byte a character, where a single other one would double what V8 reads and keeps. Names and lines stay, so
    // that a stack trace can be read.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
  });
  writeFileSync(join(dir, 'sources.json'), JSON.stringify(sourcesOf(output, started)));
  writeFileSync(join(dir, 'packages.json'), JSON.stringify(packagesOf(output)));
}

/** The npm packages that are in the bundle: name, version, licence. */
function packagesOf(output: RolldownOutput): Readonly<Record<string, string | undefined>>[] {
  const folders = modulesOf(output).flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  return [...new Set(folders)]
    .map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>)
    .map(({ name, version, license }) => ({
      name: String(name),
      version: String(version),
      license: typeof license === 'string' ? license : undefined,
    }))
    .toSorted((one, other) => (`${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1));
}

function modulesOf({ output }: RolldownOutput): string[] {
  return output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}

/** As cli/bin/bundle.js compares them. */
function sourcesOf(output: RolldownOutput, started: number): [string, number, number][] {
  const own = modulesOf(output).filter((id) => id.startsWith(ROOT) && !id.includes('/node_modules/'));
  return [...new Set([...own, ...ALSO_FROM.map((path) => join(ROOT, path))])].map((path) => {
    const { size, mtimeMs } = statSync(path);
    if (mtimeMs >= started) {
      throw new Error(`${path} was changed while it was bundled: run this again`);
    }
    return [relative(ROOT, path), size, mtimeMs];
  });
}
