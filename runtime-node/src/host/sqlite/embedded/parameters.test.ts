import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindings, parametersOf } from './parameters.ts';
import { tokensOf } from './tokens.ts';

describe('the parameters of a statement', () => {
  it.each<[sql: string, names: (string | undefined)[]]>([
    ['SELECT 1', []],
    ['SELECT ?, ?', [undefined, undefined]],
    ['SELECT :a, @b, $c, :a', [':a', '@b', '$c']],
    ['SELECT ?3, ?', [undefined, undefined, undefined, undefined]],
    ['SELECT ?2, ?1, ?2', [undefined, undefined]],
    ['SELECT $a::b(x), :c', ['$a::b(x)', ':c']],
    ["SELECT '?', ':a', \"@b\", `$c`, [?], ?", [undefined]],
    ["SELECT 'it''s ?', ?", [undefined]],
    ['SELECT a$b, x?1 -- ?\n, /* ? */ ?', [undefined, undefined]],
    ['SELECT :ü', [':ü']],
  ])('of %s are known by position', (sql, names) => {
    expect(parametersOf(sql)).toEqual(names);
  });

  const part = fc.constantFrom('?', '?3', '?7', ':a', '@a', '$a', ':long_name', '#x', '?1');

  it('are as many as SQLite says, and each value arrives at its position', () => {
    const database = new DatabaseSync(':memory:', { returnArrays: true });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
        const sql = `SELECT ${parts.join(', ')}`;
        const names = parametersOf(sql);
        const values = names.map((_, i) => i + 1);
        const statement = database.prepare(sql);
        statement.setAllowBareNamedParameters(false);
        const row = statement.get(...bindings(names, values)) as unknown as number[];
        let last = 0;
        const positions = parts.map((text) => {
          const number = text.startsWith('?') ? Number(text.slice(1) || last + 1) : names.indexOf(text) + 1;
          last = Math.max(last, number);
          return number;
        });
        expect(values.length).toBe(last);
        expect(row).toEqual(positions);
      }),
    );
  });

  it('are looked for in any text without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`'"\`[]?:@$#(-/*ab1 \n\0ü😀\ud800`) }), (text) => {
        const tokens = [...tokensOf(text)];
        for (const { text: found, start } of tokens) {
          expect(text.slice(start, start + found.length)).toBe(found);
        }
        expect(parametersOf(text).length).toBeLessThanOrEqual(32_766);
      }),
    );
  });
});
