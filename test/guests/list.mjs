// Writes fixtures/README.md: what each file is, where it comes from, its size and digest.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;
const read = (path) => readFile(join(here, path), 'utf8');

const first = async (path, pattern) => [path, (await read(path)).match(pattern)?.[1] ?? ''];

/** The source of a fixture and its purpose: the description of the package, or the first line of the file. */
async function origin(name) {
  const base = name.replace(/-(utf16|latin1|module|p2|plain)$/, ''); // the same source built another way
  for (const [path, pattern] of [
    [`${base}/Cargo.toml`, /^description = ['"](.*)['"]$/m],
    [`${base}/app.py`, /(?:"""|^# )([^.:\n]*)/],
    [`../../examples/${base.replace('-', '/')}/app.py`, /"""([^.\n]*)/],
    [`${base}/src/index.ts`, /^\/\/ (.*?)[.:]?$/m],
    [`${base}/hello.js`, /^\/\/ (.*?)[.:]?$/m],
    [`wat/${name}.wat`, /^;; ([^.:\n]*)/m],
    [`wat/${base}.wat`, /^;; ([^.:\n]*)/m],
    [`wat/${base}.core.wat`, /^;; ([^.:\n]*)/m],
  ]) {
    if (existsSync(join(here, path))) {
      return first(path, pattern);
    }
  }
  throw new Error(`${name}: no source`);
}

const rows = [];
for (const file of (await readdir(join(here, 'fixtures'))).filter((name) => /\.wasm(\.br)?$/.test(name)).toSorted()) {
  const [source, purpose] = await origin(file.replace(/\.wasm(\.br)?$/, ''));
  const bytes = await readFile(join(here, 'fixtures', file));
  const digest = createHash('sha256').update(bytes).digest('hex');
  rows.push(`| \`${file}\` | ${purpose} | \`${source}\` | ${bytes.length} | \`${digest}\` |`);
}
const rust = execFileSync('rustc', ['--version'], { encoding: 'utf8' }).trim().replace(/ \(.*/, '');
const lock = await read('Cargo.lock');
const crates = (...names) =>
  names.map((name) => {
    const versions = [...lock.matchAll(new RegExp(`name = "${name}"\nversion = "([^"+]*)`, 'g'))].map(
      (match) => match[1],
    );
    return `${name} ${versions.join(' and ')}`;
  });
const npm = JSON.parse(await read('js-toolchain/package.json')).dependencies;
const python = (await read('py-requirements.txt')).trim().replaceAll('==', ' ').split('\n');
const tools = [
  rust,
  ...crates('wasi', 'spin-sdk'),
  'jco 1.35.0',
  ...Object.entries(npm).map(([name, version]) => `${name} ${version}`),
  ...python,
];

await writeFile(
  join(here, 'fixtures/README.md'),
  `# Fixtures

The guests of the tests, built by \`../build.sh\` from the folders beside this one. What each does by path and query stands at
the top of its source. Tests get them through \`../fixtures.ts\`, which unpacks the \`.br\` files (brotli).

The Rust and hand-written ones come out the same, byte for byte, on each build; the packed ones do not, because their engines are
snapshots of a run. Written by \`../list.mjs\`; do not edit. Built with ${tools.join(', ')}.

| File | Purpose | Source | Bytes | sha256 |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`,
);
