// SQLite's tokens (its tokenize.c), as far as it takes to find parameters and the places of errors. Accepts any text.

export interface Token {
  readonly kind: 'word' | 'quoted' | 'parameter' | 'other';
  readonly text: string;
  readonly start: number;
}

const SPACE = /[ \t\n\f\r]+/y;
const LINE_COMMENT = /--[^\n]*/y;
/** One without an end reaches to the end of the text. */
const BLOCK_COMMENT = /\/\*[^]*?(?:\*\/|$)/y;
const QUOTED = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?/y;
const NUMBERED = /\?\d*/y;
/** With Tcl's `::` and `(…)`, which SQLite takes too. */
const NAMED = /[@#:$](?:[\w$\u0080-\u{10ffff}]|::)+(?:\([^\s)]*\))?/uy;
const WORD = /[\w$\u0080-\u{10ffff}]+/uy;

const KINDS: readonly (readonly [pattern: RegExp, kind: Token['kind'] | 'nothing'])[] = [
  [SPACE, 'nothing'],
  [LINE_COMMENT, 'nothing'],
  [BLOCK_COMMENT, 'nothing'],
  [QUOTED, 'quoted'],
  [NUMBERED, 'parameter'],
  [NAMED, 'parameter'],
  [WORD, 'word'],
];

export function* tokensOf(sql: string): Generator<Token> {
  for (let at = 0; at < sql.length;) {
    const { kind, text } = tokenAt(sql, at);
    if (kind !== 'nothing') {
      yield { kind, text, start: at };
    }
    at += text.length;
  }
}

function tokenAt(sql: string, at: number): { kind: Token['kind'] | 'nothing'; text: string } {
  for (const [pattern, kind] of KINDS) {
    pattern.lastIndex = at;
    const [text = ''] = pattern.exec(sql) ?? [];
    if (text !== '') {
      return { kind, text };
    }
  }
  return { kind: 'other', text: sql.charAt(at) };
}
