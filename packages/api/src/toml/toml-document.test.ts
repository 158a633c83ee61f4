import * as fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';

import type { DocumentNode, DocumentPath } from '../document/document-node.ts';
import { UserError } from '../errors.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { mapSource, pathKey, type SourceMap } from './source-map.ts';
import { readToml } from './toml-document.ts';

/** What the source map says stands at a path. */
function at(text: string, ...path: (string | number)[]): { key: string; value: string } | undefined {
  const place = mapSource(text).get(pathKey(path));
  return (
    place && { key: text.slice(place.key.start, place.key.end), value: text.slice(place.value.start, place.value.end) }
  );
}

/** The paths of all fields that the map does not know. */
function unplaced(node: DocumentNode, places: SourceMap): DocumentPath[] {
  const fields = node.isTable()
    ? node
        .table()
        .entries()
        .map(([, field]) => field)
    : [];
  const inner = Array.isArray(node.value) ? node.list() : fields;
  const missing = fields.map((field) => field.path).filter((path) => !places.has(pathKey(path)));
  return [...missing, ...inner.flatMap((one) => unplaced(one, places))];
}

describe('the source map', () => {
  const text = [
    'top = 1 # comment',
    '[a]',
    '"quoted key" = "x # not a comment"',
    "lit.'d.k' = '''one ' two'''",
    'multi = """a\\""" b"""""',
    'date = 1979-05-27 07:32:00',
    '[[list]]',
    'n = [1, { x = "y", "z" = [ ] }, # comment ]',
    '  3]',
    '[[list]]',
    '[list.sub]',
    'k = true',
    '[[ list . inner ]]',
    'deep.er = {}',
    '',
  ].join('\r\n');

  it.each([
    [['top'], 'top', '1'],
    [['a'], 'a', '[a]'],
    [['a', 'quoted key'], '"quoted key"', '"x # not a comment"'],
    [['a', 'lit', 'd.k'], "'d.k'", "'''one ' two'''"],
    [['a', 'multi'], 'multi', '"""a\\""" b"""""'],
    [['list', 0], 'list', '[[list]]'],
    [['list', 0, 'n', 0], '1', '1'],
    [['list', 0, 'n', 1, 'x'], 'x', '"y"'],
    [['list', 0, 'n', 1, 'z'], '"z"', '[ ]'],
    [['list', 0, 'n', 2], '3', '3'],
    [['list', 1, 'sub', 'k'], 'k', 'true'],
    [['list', 1, 'inner', 0], 'inner', '[[ list . inner ]]'],
    [['list', 1, 'inner', 0, 'deep', 'er'], 'er', '{}'],
  ])('finds %j', (path, key, value) => {
    expect(at(text, ...path)).toEqual({ key, value });
  });

  it('finds every key of any document', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z]{1,3}$/),
      fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' }),
    );
    const leaf = fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.boolean());
    const { table } = fc.letrec<{ value: unknown; table: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(leaf, { maxLength: 3 }),
        tie('table'),
        fc.array(tie('table'), { maxLength: 2 }),
      ),
      table: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(table, (value) => {
        const source = stringify(value);
        expect(unplaced(readToml(source, 'x.toml', 'SPK1001'), mapSource(source))).toEqual([]);
      }),
    );
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}="\'\\.,#\n ab1'), maxLength: 40 }), (source) => {
        expect(mapSource(source)).toBeInstanceOf(Map);
      }),
    );
  });
});

describe('a TOML document', () => {
  it('shows a syntax error with its line', () => {
    const error = userError(() => readToml('a = 1\n[[trigger.http\n', 'spin.toml', 'SPK1001'));
    expect(error.message).toBe(
      [
        'TOML parse error at line 2, column 15',
        '  |',
        '2 | [[trigger.http',
        '  |               ^',
        'invalid key or table header: the line ends before it does',
      ].join('\n'),
    );
    expect(error.place).toEqual({ file: 'spin.toml', line: 2, column: 15 });
  });

  it('shows a wrong value with carets under it, also behind wide characters', () => {
    const root = readToml('[a]\n"ü😀" = 12\n', 'spin.toml', 'SPK1001');
    const node = root.table().required('a').table().required('ü😀');
    const error = userError(() => node.string());
    expect(error.message).toBe(
      [
        'TOML parse error at line 2, column 8',
        '  |',
        '2 | "ü😀" = 12',
        '  |        ^^',
        'invalid type: integer `12`, expected a string',
      ].join('\n'),
    );
    expect(error.place).toEqual({ file: 'spin.toml', line: 2, column: 8, field: 'a."ü😀"' });
  });

  it('throws nothing but a UserError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}="\'\\.,#\n\r\t ab1é_-:T+'), maxLength: 60 }), (source) => {
        const error = thrown(() => readToml(source, 'spin.toml', 'SPK1001'));
        expect(error === undefined || error instanceof UserError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
