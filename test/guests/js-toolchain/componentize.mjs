// componentize.mjs <source.js> <out.wasm>: a fetch-event program straight through componentize-js, with the world that
// Spin's JavaScript projects target. Run in a folder that has the toolchain's node_modules.
import { componentize } from '@bytecodealliance/componentize-js';
import { writeFile } from 'node:fs/promises';

const [, , sourcePath, out] = process.argv;
const { component } = await componentize({
  sourcePath,
  witPath: 'node_modules/@spinframework/wasi-http-proxy/wit',
  worldName: 'http-trigger',
});
await writeFile(out, component);
