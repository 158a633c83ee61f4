// The section of imports: those of the module, then what the engine gives. Memories that the module defined are imported
// in the order of their indices, so those stay as they were.
import type { Declarations } from './declarations.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { Output } from './output.ts';
import { ENGINE_TYPES } from './type-section.ts';
import { ENGINE } from './types.ts';

const FUNCTION = 0;
const MEMORY = 2;
const GLOBAL = 3;
/** One page at least and at most, shared: where another thread sets the flag. */
const INTERRUPT_MEMORY = [MEMORY, 0x03, 1, 1];
const MUTABLE_I32 = [GLOBAL, 0x7f, 1];

export function writeImports(
  input: Input | undefined,
  bytes: Uint8Array,
  { imports, memories }: Declarations,
  { types, virtual, timeChecks }: Layout,
): Output {
  const added = new Output();
  let count = 0;
  const begin = (name: string): void => {
    added.name(ENGINE);
    added.name(name);
    count += 1;
  };
  const func = (name: string, type: number): void => {
    begin(name);
    added.byte(FUNCTION);
    added.u32(types + type);
  };
  for (const [index, { start, end }] of memories.entries()) {
    begin(`memory${imports.memories.length + index}`);
    added.byte(MEMORY);
    added.copy(bytes, start, end);
  }
  if (timeChecks) {
    begin('interrupt');
    added.append(INTERRUPT_MEMORY);
  }
  if (virtual === 'own') {
    func('grown', ENGINE_TYPES.grown);
  }
  if (virtual === 'imported') {
    func('grow', ENGINE_TYPES.grow);
    begin('pages');
    added.append(MUTABLE_I32);
  }
  if (timeChecks) {
    func('interrupted', ENGINE_TYPES.nothing);
  }
  const output = new Output();
  output.u32(imports.count + count);
  if (input !== undefined) {
    output.copy(bytes, imports.entries, input.end);
  }
  output.append(added.written);
  return output;
}
