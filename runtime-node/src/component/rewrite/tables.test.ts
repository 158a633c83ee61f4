// Tables are outside of the memory that an instance may have, and may not grow without bound.
import { describe, expect, it } from 'vitest';
import { rewriteModule } from './index.ts';
import { wat } from './testing/engine.ts';

/** How many elements the table gets to when it grows by `step` as long as it can, and what its exporter may declare. */
async function grown(table: string, step: number): Promise<number> {
  const { bytes } = rewriteModule(
    await wat(`(module (table $t ${table})
      (func (export "grow") (result i32)
        (loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const ${step})))))
        (table.size $t)))`),
    { timeChecks: false },
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return (exports['grow'] as () => number)();
}

describe('a table', () => {
  it.each([
    ['1 funcref', 1000, 99_001],
    ['1 50 funcref', 7, 50],
    ['1 4000000000 funcref', 33_333, 66_667 + 33_333],
    ['0 funcref', 100_000, 100_000],
    ['150000 funcref', 1, 150_000],
  ])('of %s grows by %d to %d elements', async (table, step, size) => {
    expect(await grown(table, step)).toBe(size);
  });

  it('keeps its first values, and fits an import that declares no more than it did', async () => {
    const { bytes } = rewriteModule(
      await wat('(module (func $f (export "f")) (table (export "t") 3 5 funcref (ref.func $f)))'),
      { timeChecks: false },
    );
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const importer = await wat(`(module (import "m" "t" (table 3 5 funcref))
      (func (export "first") (result i32) (ref.is_null (table.get 0 (i32.const 0)))))`);
    const { exports: used } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(importer)), {
      m: { t: exports['t'] as WebAssembly.Table },
    });
    expect((used['first'] as () => number)()).toBe(0);
  });

  it('that no engine has is left for V8 to refuse', async () => {
    for (const table of ['5 3 funcref', 'i64 0x100000000 funcref', '4294967295 funcref']) {
      const { bytes } = rewriteModule(await wat(`(module (table ${table}))`), { timeChecks: false });
      expect(WebAssembly.validate(bytes)).toBe(false);
    }
  });
});
