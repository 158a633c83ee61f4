// Writes <date>.wasm.br: components that import all of wasi:cli/reactor and wasi:http of a release candidate, and do nothing;
// but for timezones, which Spin does not link either.
// The WIT is that of the Spin Rust SDK: make-worlds.mjs ~/.cargo/registry/src/<index>/spin-sdk-5.2.0/wit/deps
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const [, , deps] = process.argv;
const PACKAGES = ['io', 'clocks', 'random', 'filesystem', 'sockets', 'cli', 'http'];

/** A package as a block that can stand behind a world. */
async function block(name, date) {
  const folder = join(deps, `${name}-${date}`);
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  const text = files.join('\n').replaceAll(/^package [^;]*;|^ *import wasi:clocks\/timezone@.*$/gm, '');
  return `package wasi:${name}@0.2.0-rc-${date} {\n${text}\n}\n`;
}

for (const date of ['2023-10-18', '2023-11-10']) {
  const version = `0.2.0-rc-${date}`;
  const world = `package spindle:all;
world all {
  include wasi:cli/reactor@${version};
  import wasi:http/types@${version};
  import wasi:http/outgoing-handler@${version};
}
`;
  const blocks = await Promise.all(PACKAGES.map((name) => block(name, date)));
  const module = await componentEmbed({ witSource: world + blocks.join(''), world: 'all', dummy: true });
  await writeFile(join(import.meta.dirname, `${date}.wasm.br`), brotliCompressSync(await componentNew(module, [])));
}
