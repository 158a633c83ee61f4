// Writes the adapters from preview 1 to WASI 0.2 that core modules are wrapped with, packed, as a module of the runtime:
// the bundled command line has no files beside it. They are those of the installed jco.
// Usage: node hack/preview1-adapters.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const ROOT = join(import.meta.dirname, '..');
const OUT = 'runtime-node/src/component/adapt/generated/preview1-adapters.ts';
const jco = join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco')), '..');
const { version } = JSON.parse(readFileSync(join(jco, 'package.json'), 'utf8')) as { readonly version: string };

const adapter = (kind: string): string => {
  const bytes = readFileSync(join(jco, `lib/wasi_snapshot_preview1.${kind}.wasm`));
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return `export const ${kind.toUpperCase()}_ADAPTER =\n  '${packed.toString('base64')}';\n`;
};

writeFileSync(
  join(ROOT, OUT),
  `// Written by \`node hack/preview1-adapters.ts\` from jco ${version}; do not edit. Brotli, base64.\n\n` +
    ['command', 'reactor'].map(adapter).join('\n'),
);
