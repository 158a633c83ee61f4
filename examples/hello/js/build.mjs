// hello.js + the QuickJS engine -> ../wasm/js.wasm, a component of about 1 MB.
// componentize-qjs runs the program once while it builds, on a host that knows wasi:io but not wasi:http, and refuses
// a mix of both. So the build calls the interfaces of http by another name (`wazi`) and renames them at the end; the
// version 0.2.10 keeps them apart from the engine's own wasi imports at 0.2.12.
import { componentize } from 'componentize-qjs';
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const here = import.meta.dirname;
const jco = dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco'));
const alias = (text) => text.replaceAll('wasi:', 'wazi:').replaceAll('@0.2.12', '@0.2.10');

// The WIT of jco, without its worlds: they name packages that are not needed here.
async function writeWit(into) {
  const from = join(jco, '../lib/wit/builtin/0.2.12');
  for (const name of ['wasi-http', 'wasi-io', 'wasi-clocks']) {
    const [file] = await readdir(join(from, name));
    const wit = await readFile(join(from, name, file), 'utf8');
    const interfaces = wit.replace(/^world [^{]*\{[^}]*\}\n?/gm, '').replace(/^ *@since\(.*\)\n/gm, '');
    await mkdir(join(into, 'deps', name), { recursive: true });
    await writeFile(join(into, 'deps', name, 'package.wit'), alias(interfaces));
  }
  const world = 'package example:hello;\nworld hello { export wasi:http/incoming-handler@0.2.10; }\n';
  await writeFile(join(into, 'world.wit'), alias(world));
}

const work = await mkdtemp(join(tmpdir(), 'hello-js-'));
try {
  await writeWit(join(work, 'wit'));
  for (const name of await readdir(here)) {
    if (name.endsWith('.js')) await writeFile(join(work, name), alias(await readFile(join(here, name), 'utf8')));
  }
  const jsPath = join(work, 'hello.js');
  const { component } = await componentize({
    witPath: join(work, 'wit'),
    jsSource: await readFile(jsPath, 'utf8'),
    jsPath,
    moduleRoot: work,
    optSize: true,
    sync: true,
  });
  // The same length on both sides, so no size in the binary changes.
  const renamed = Buffer.from(component.toString('latin1').replaceAll('wazi:', 'wasi:'), 'latin1');
  await mkdir(join(here, '../wasm'), { recursive: true });
  await writeFile(join(here, '../wasm/js.wasm'), renamed);
} finally {
  await rm(work, { recursive: true });
}
