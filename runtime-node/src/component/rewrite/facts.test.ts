// What stands in the way of a reset, and what is not run at all, by name.
import { describe, expect, it } from 'vitest';
import { rewriteModule } from './index.ts';
import { wat } from './testing/engine.ts';

const TABLE = '(table $t 2 funcref) (func $f) (elem $e func $f)';
const inFunction = (code: string): string => `(module ${TABLE} (memory 1) (data $d "x") (func ${code}))`;
const ZEROS = 'i32.const 0 i32.const 0 i32.const 0';

describe('an obstacle', () => {
  it.each([
    ['table.set', inFunction('i32.const 0 ref.null func table.set $t')],
    ['table.grow', inFunction('ref.null func i32.const 0 table.grow $t drop')],
    ['table.fill', inFunction('i32.const 0 ref.null func i32.const 0 table.fill $t')],
    ['table.copy', inFunction(`${ZEROS} table.copy $t $t`)],
    ['table.init', inFunction(`${ZEROS} table.init $t $e`)],
    ['elem.drop', inFunction('elem.drop $e')],
    ['data.drop', inFunction('data.drop $d')],
    ['atomic instructions', inFunction('i32.const 0 i32.const 0 i32.atomic.rmw.add drop')],
    ['atomic instructions', inFunction('atomic.fence')],
    ['struct types', '(module (type (struct (field (mut i32)))))'],
    ['array types', '(module (rec (type (array (mut i8))) (type (func))))'],
    ['several memories', '(module (memory 1) (memory 1))'],
    ['several memories', '(module (import "a" "m" (memory 1)) (memory 1))'],
    ['memory64', '(module (memory i64 1))'],
    ['memory64', '(module (import "a" "m" (memory i64 1)))'],
    ['shared memory', '(module (memory 1 2 shared))'],
  ])('is %s', async (name, text) => {
    const { bytes, facts } = rewriteModule(await wat(text), { timeChecks: false });
    expect(facts.obstacles).toEqual([name]);
    expect(WebAssembly.validate(bytes)).toBe(true);
  });

  it.each([
    ['active segments', `(module ${TABLE} (memory 1) (elem (i32.const 0) $f) (data (i32.const 0) "x"))`],
    ['a table that others may see', '(module (table (export "t") 1 funcref))'],
    ['reading a table', inFunction('i32.const 0 table.get $t drop table.size $t drop')],
    ['memory.init', inFunction(`${ZEROS} memory.init $d`)],
    ['exceptions', '(module (tag $t) (func throw $t))'],
  ])('is not %s', async (_, text) => {
    expect(rewriteModule(await wat(text), { timeChecks: false }).facts.obstacles).toEqual([]);
  });
});

describe('refused by name', () => {
  it.each([
    ['memory64', '(module (memory i64 1))'],
    ['shared memory', '(module (import "a" "m" (memory 1 2 shared)))'],
    ['an import from spindle:engine', '(module (import "spindle:engine" "memory0" (memory 1)))'],
    ['an export named spindle:restore', '(module (func (export "spindle:restore")))'],
  ])('is %s', async (name, text) => {
    expect(rewriteModule(await wat(text), { timeChecks: false }).facts.refused).toEqual([name]);
  });

  it('is nothing of an ordinary module', async () => {
    expect(rewriteModule(await wat('(module (memory 1))'), { timeChecks: true }).facts).toEqual({
      obstacles: [],
      refused: [],
      memories: { 0: { initial: 1, maximum: undefined } },
      virtualMemory: true,
      importedMemory: undefined,
      savesGlobals: true,
    });
  });
});
