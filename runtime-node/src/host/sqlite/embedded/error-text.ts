// SQLite's messages as Spin gives them: with the statement and the place in it, where SQLite has recorded one. node:sqlite
// does not tell the place, so it is looked for again here.
import { tokensOf, type Token } from './tokens.ts';

/** What preparing a text fails with; undefined when it does not. */
export type Failure = (sql: string) => string | undefined;

type Find = (tokens: readonly Token[], what: string) => Token | undefined;

const bare = (text: string): string => text.replaceAll(/^["'`[]|["'`\]]$/g, '').toLowerCase();

/** The place of `a.b.c` is that of `a`. */
const findColumn: Find = (tokens, what) => {
  const parts = what.toLowerCase().split('.');
  return tokens.find((_, at) =>
    parts.every(
      (part, i) => bare(tokens[at + 2 * i]?.text ?? '') === part && (i === 0 || tokens[at + 2 * i - 1]?.text === '.'),
    ),
  );
};

const findFunction: Find = (tokens, what) =>
  tokens.find(({ text }, at) => bare(text) === what.toLowerCase() && tokens[at + 1]?.text === '(');

const findText: Find = (tokens, what) =>
  tokens.find(({ text }) => text === what) ?? tokens.find(({ text }) => what.startsWith(text));

const PLACED: readonly (readonly [message: RegExp, find: Find])[] = [
  [/^unrecognized token: "([^]+)"$/, findText],
  [/^(?:no such column|ambiguous column name): ([^]+)$/, findColumn],
  [/^no such function: ([^]+)$/, findFunction],
  [/^(?:wrong number of arguments to|misuse of aggregate|misuse of window) function ([^]+)\(\)$/, findFunction],
];

const SYNTAX_ERROR = /^near "([^]+)": syntax error$/;

export function errorText(message: string, sql: string, failure: Failure): string {
  const place = placeOf(message, sql, failure);
  return place === undefined ? message : `${message} in ${sql} at offset ${Buffer.byteLength(sql.slice(0, place))}`;
}

function placeOf(message: string, sql: string, failure: Failure): number | undefined {
  const [, unexpected] = SYNTAX_ERROR.exec(message) ?? [];
  if (unexpected !== undefined) {
    return syntaxErrorAt(unexpected, sql, failure);
  }
  for (const [pattern, find] of PLACED) {
    const [, what] = pattern.exec(message) ?? [];
    if (what !== undefined) {
      return find([...tokensOf(sql)], what)?.start;
    }
  }
  return undefined;
}

/** The first such token that the parser could not take: what stands before it is no mistake yet. */
function syntaxErrorAt(unexpected: string, sql: string, failure: Failure): number | undefined {
  for (const { text, start } of tokensOf(sql)) {
    if (text === unexpected && !SYNTAX_ERROR.test(failure(sql.slice(0, start)) ?? '')) {
      const withIt = failure(sql.slice(0, start + text.length));
      if (withIt !== undefined && SYNTAX_ERROR.test(withIt)) {
        return start;
      }
    }
  }
  return undefined;
}
