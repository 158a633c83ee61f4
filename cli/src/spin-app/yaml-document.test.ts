import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-document.ts';

const values = (text: string): unknown[] => readYaml(text, 'app.yaml').map(({ value }) => value);

function refusal(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('expected a UserError');
}

/** The values, or what was thrown. */
function attempt(text: string): unknown {
  try {
    return values(text);
  } catch (error) {
    // expected: most texts are no YAML
    return error;
  }
}

const place = ({ place: { line, column, field } }: UserError): string => `${line}:${column} ${field ?? ''}`.trim();

/** Each stands for ten of the one before. */
const bomb = Array.from({ length: 12 }, (_, i) =>
  i === 0
    ? 'a0: &a0 [x, x]'
    : `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
).join('\n');
const mergeBomb = Array.from({ length: 30 }, (_, i) =>
  i === 0 ? 'a0: &a0 {k: 1}' : `a${i}: &a${i}\n  <<: [*a${i - 1}, *a${i - 1}]\n  k${i}: 1`,
).join('\n');

describe('YAML', () => {
  it('is read document by document, empty ones and comments too', () => {
    expect(values('# nothing\n---\na: 1\n---\n---\nb: [x, {c: d}]\n...\n---\n"e"\n')).toEqual([
      { a: 1 },
      null,
      { b: ['x', { c: 'd' }] },
      'e',
    ]);
    expect(values('')).toEqual([]);
    expect(values('# only a comment\n')).toEqual([]);
  });

  it('may be JSON', () => {
    expect(values('{"a": ["\\u00e4\\/", 1.5e3, null, true], "b": {}}')).toEqual([
      { a: ['ä/', 1500, null, true], b: {} },
    ]);
  });

  it('means what it means to kubectl: YAML 1.1, without dates and numbers to the base of sixty', () => {
    expect(values('[yes, off, 0x10, 0777, 1_000, 2026-01-01, 12:30:00, ~, "yes"]')).toEqual([
      [true, false, 16, 511, 1000, '2026-01-01', '12:30:00', null, 'yes'],
    ]);
  });

  it('may repeat itself by anchors and merges, within limits', () => {
    expect(values('a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: *x')).toEqual([
      { a: { b: 1, c: 2 }, d: { b: 1, c: 3 }, e: { b: 1, c: 2 } },
    ]);
  });

  it.each([
    ['a list without its end', 'a: 1\nb: [1\n', 'must be sufficiently indented and end with a ]', '3:1'],
    ['a key twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', 'Map keys must be unique', '4:3'],
    ['a tab before a key', 'a:\n\tb: 1\n', 'Tabs are not allowed as indentation', '2:1'],
    ['two maps on one line', 'a: b: c', 'Nested mappings are not allowed in compact mappings', '1:4'],
    ['an alias without its anchor', 'a: 1\nb: [*x]', 'there is no anchor &x before the alias *x', '2:5'],
    ['an alias before its anchor', 'a: *x\nb: &x 1', 'there is no anchor &x', '1:4'],
    ['an alias within itself', 'a: 1\nb: &x [*x]', 'an alias stands inside of what it refers to', '1:1'],
    ['an anchor bomb', bomb, 'the aliases stand for too much', '1:1'],
    ['a merge bomb', mergeBomb, 'the aliases stand for too much', '1:1'],
    ['a merge of no map', 'a: {<<: 5}', 'Merge sources must be', '1:1'],
    ['a tag of another language', 'a: !!js/function x', 'Unresolved tag', '1:4'],
    ['bytes', 'a: !!binary aGk=', 'Unresolved tag', '1:4'],
    ['a map as a key', '? {a: b}\n: c', 'all keys must be strings', '1:3'],
    ['lists without end', '['.repeat(50_000), 'Maximum call stack size exceeded', undefined],
    ['more text than manifests have', ' '.repeat(100 * 2 ** 20 + 1), 'too large', undefined],
  ])('with %s is refused where it stands', (_what, text, message, where) => {
    const error = refusal(() => readYaml(text, 'app.yaml'));
    expect(error.code).toBe('SPK5031');
    expect(error.message).toContain(message);
    expect(error.place.file).toBe('app.yaml');
    expect(error.remedy).toBeDefined();
    expect([where, undefined]).toContain(where && place(error));
  });

  it('never shows the text round a mistake: it may be a secret', () => {
    for (const text of [
      'stringData:\n  a: "geheim\n',
      'a: geheim: x',
      'a: !geheim x',
      '- geheim\nb: geheim',
      'a: |geheim\n  b',
    ]) {
      expect(JSON.stringify(refusal(() => readYaml(text, 'app.yaml')).message)).not.toMatch(/: .*geheim x|"geheim/);
    }
  });

  it('says of each value where it stands, also in a later document and after a merge', () => {
    const text = 'a: 1\n---\nb:\n  - c: x\n    "d": 5\ne: &e {f: 1}\ng: {<<: *e}\n';
    const [, node] = readYaml(text, 'app.yaml');
    const at = (path: (string | number)[], blame: 'key' | 'value' = 'value'): string | undefined =>
      node && place(node.document.schemaError('', path, { blame }));
    expect(at(['b', 0, 'd'])).toBe('5:10 b[0].d');
    expect(at(['b', 0, 'd'], 'key')).toBe('5:5 b[0].d');
    expect(at(['b', 0, 'missing'])).toBe('4:5 b[0].missing');
    expect(at(['b', 7])).toBe('4:3 b[7]');
    expect(at(['g', 'f'])).toBe('7:4 g.f');
    expect(at([])).toBe('3:1');
  });

  it('whatever the text, is read or refused with a place', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'a',
        ': ',
        '\n',
        '  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '&x',
        '*x',
        '<<: ',
        '"',
        "'",
        '|\n',
        '? ',
        '---\n',
        '#',
        '!!str ',
        '\t',
        '%',
        'ü',
      ),
      { maxLength: 40 },
    );
    const text = fc.oneof(
      pieces.map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const outcome = attempt(given);
        const isTold = outcome instanceof UserError && (outcome.place.line ?? 0) > 0;
        // What was read is plain data.
        expect(isTold || Array.isArray(JSON.parse(JSON.stringify(outcome)))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.stringify(values(JSON.stringify(value)))).toBe(JSON.stringify([value]));
      }),
    );
  });
});
