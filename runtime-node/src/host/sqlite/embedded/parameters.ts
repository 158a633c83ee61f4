// Which parameters a statement has. Spin binds values by position only, whatever the parameters are called, and insists
// on their number; node:sqlite binds named ones by name and takes any number.
import { tokensOf } from './tokens.ts';

/** SQLite's default limit; it has refused the statement when there are more. */
const MAX_PARAMETERS = 32_766;

/** By position, the first at 0: its name, or undefined for `?`, `?2` and a position that is skipped. */
export function parametersOf(statement: string): readonly (string | undefined)[] {
  const names: (string | undefined)[] = [];
  for (const { kind, text } of tokensOf(statement)) {
    if (kind !== 'parameter') {
      continue;
    }
    if (text === '?') {
      names.push(undefined);
    } else if (text.startsWith('?')) {
      const position = Math.min(Number(text.slice(1)), MAX_PARAMETERS) - 1;
      while (names.length <= position) {
        names.push(undefined);
      }
    } else if (!names.includes(text)) {
      names.push(text);
    }
  }
  return names;
}

/** Values as node:sqlite takes them: those with a name in an object, the others after it. */
export function bindings<T>(names: readonly (string | undefined)[], values: readonly T[]): [Record<string, T>, ...T[]] {
  const named: Record<string, T> = {};
  const others: T[] = [];
  for (const [position, value] of values.entries()) {
    const name = names[position];
    if (name === undefined) {
      others.push(value);
    } else {
      named[name] = value;
    }
  }
  return [named, ...others];
}
