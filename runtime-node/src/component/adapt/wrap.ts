// Makes components of core modules, with the encoder and the preview 1 adapters of the Bytecode Alliance's jco. Loaded only
// when an app has a core module: the encoder alone is 3 MB.
import type * as WasmTools from '@bytecodealliance/jco-transpile/wasm-tools';
import { UserError } from '@spindle/api';
import { brotliDecompressSync } from 'node:zlib';
import { COMMAND_ADAPTER, REACTOR_ADAPTER } from './generated/preview1-adapters.ts';
import { decideModule, PREVIEW1, type ModuleDecision } from './kind.ts';
import { guardAllocator, guardedAdapter } from './guard.ts';
import { rename } from './rename.ts';
import { readSections } from './sections.ts';
import { exportToday, importToday, SPIN1_ALLOCATOR, SPIN1_WORLD, worldOf } from './spin1.ts';
import { SPIN1_WIT } from './spin1-wit.ts';

type Encoder = typeof WasmTools;

/** Not a literal in `import()`: the package finds its parts beside itself, so it must not become part of a bundle. */
const ENCODER: string = '@bytecodealliance/jco-transpile/wasm-tools';

/** `bytes` begin with the preamble of a core module. Throws UserError, or DecodeError where they are malformed. */
export async function wrapModule(bytes: Uint8Array): Promise<Uint8Array> {
  const decision = decideModule(bytes);
  const encoder = await loadEncoder();
  try {
    return await encode(decision, encoder);
  } catch (error) {
    throw new UserError(`no component can be made of this core module: ${reasonOf(error)}`, {
      code: 'SPK4025',
      remedy: 'Build it again with current tools, for wasm32-wasip1 or as a component.',
      cause: error,
    });
  }
}

async function encode({ kind, module }: ModuleDecision, encoder: Encoder): Promise<Uint8Array> {
  switch (kind) {
    case 'typed':
      return encoder.componentNew(module.bytes, [[PREVIEW1, unpacked(REACTOR_ADAPTER)]]);
    case 'command':
      return encoder.componentNew(module.bytes, [[PREVIEW1, unpacked(COMMAND_ADAPTER)]]);
    case 'spin1': {
      const guarded = guardAllocator(module, SPIN1_ALLOCATOR);
      const own = guarded === undefined ? module : readSections(guarded);
      const typed = await encoder.componentEmbed({
        binary: rename(own, importToday, exportToday),
        witSource: SPIN1_WIT + worldOf(module.exports.map(({ name }) => name)),
        world: SPIN1_WORLD,
      });
      return encoder.componentNew(typed, [[PREVIEW1, guardedAdapter(unpacked(REACTOR_ADAPTER))]]);
    }
    default:
      return kind satisfies never;
  }
}

async function loadEncoder(): Promise<Encoder> {
  try {
    return (await import(ENCODER)) as Encoder;
  } catch (error) {
    throw new UserError('this is a core module, and the tools that make components of such are not installed', {
      code: 'SPK4026',
      remedy:
        'Install them with `npm install @bytecodealliance/jco-transpile`, or build a component: ' +
        '`wasm-tools component new module.wasm --adapt wasi_snapshot_preview1.reactor.wasm -o component.wasm`.',
      cause: error,
    });
  }
}

const unpacked = (packed: string): Uint8Array => brotliDecompressSync(Buffer.from(packed, 'base64'));

/** The encoder's errors are chains of reasons, numbered and one a line; the last says what is wrong. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return (lines.at(-1) ?? '').trim().replace(/^\d+: /, '');
}
