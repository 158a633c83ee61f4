// build.mjs <name> <out.wasm>: <name>.wat is a component as it stands. <name>.core.wat is a core module that becomes one
// by the types of <name>.wit. A suffix -utf16 or -latin1 builds the same with another string encoding.
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [, , name, out] = process.argv;
const here = import.meta.dirname;
const ENCODINGS = { '-utf16': 'utf16', '-latin1': 'compact-utf16' };

// The wasi packages of jco, each as a block that can stand behind a world. Their own worlds are left out.
async function wasi() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco')), '../lib/wit/builtin/0.2.12');
  let text = '';
  for (const name of ['wasi-http', 'wasi-io', 'wasi-clocks']) {
    const [file] = await readdir(join(folder, name));
    const wit = (await readFile(join(folder, name, file), 'utf8')).replace(/^world [^{]*\{[^}]*\}\n?/gm, '');
    text += `${wit.replace(/^package ([^;]*);/m, 'package $1 {')}}\n`;
  }
  return text;
}

async function fromCore(base, stringEncoding) {
  const core = await parse(await readFile(join(here, `${base}.core.wat`), 'utf8'));
  const own = await readFile(join(here, `${base}.wit`), 'utf8');
  const witSource = own.includes('wasi:') ? own + (await wasi()) : own;
  return componentNew(await componentEmbed({ binary: core, witSource, stringEncoding }), []);
}

const suffix = Object.keys(ENCODINGS).find((end) => name.endsWith(end)) ?? '';
const base = name.slice(0, name.length - suffix.length);
const component = existsSync(join(here, `${base}.wat`))
  ? await parse(await readFile(join(here, `${base}.wat`), 'utf8'))
  : await fromCore(base, ENCODINGS[suffix]);
await writeFile(out, component);
