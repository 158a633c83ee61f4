// The pattern language of `files` and `exclude_files`: that of Rust's crate `glob` (spin-contract.md §1.7), which is
// neither the shell's nor minimatch's: no braces, no backslash, `[!…]` negates, `**` stands for whole path segments.

export type PatternToken =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'anyCharacter' }
  | { readonly kind: 'anySequence' }
  | { readonly kind: 'anySegments' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly CharacterRange[] };

/** First and last character, both included. */
export type CharacterRange = readonly [first: string, last: string];

/** A pattern that the crate refuses; the texts and positions are its own. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly position: number;

  constructor(position: number, reason: string) {
    super(`Pattern syntax error near position ${position}: ${reason}`);
    this.position = position;
  }
}

/** Whether a name holds any character that a pattern gives a meaning to. */
export function looksLikePattern(text: string): boolean {
  return /[?*[\]]/.test(text);
}

/** Reads a pattern; throws PatternError. */
export function parsePattern(pattern: string): readonly PatternToken[] {
  const characters = Array.from(pattern); // code points, as the crate counts them
  const tokens: PatternToken[] = [];
  let position = 0;
  while (position < characters.length) {
    const character = characters[position] ?? '';
    if (character === '?') {
      tokens.push({ kind: 'anyCharacter' });
      position += 1;
    } else if (character === '*') {
      position = readStars(characters, position, tokens);
    } else if (character === '[') {
      position = readSet(characters, position, tokens);
    } else {
      tokens.push({ kind: 'character', character });
      position += 1;
    }
  }
  return tokens;
}

function readStars(characters: readonly string[], start: number, tokens: PatternToken[]): number {
  let end = start;
  while (characters[end] === '*') {
    end += 1;
  }
  const count = end - start;
  if (count > 2) {
    throw new PatternError(start + 2, 'wildcards are either regular `*` or recursive `**`');
  }
  if (count === 1) {
    tokens.push({ kind: 'anySequence' });
    return end;
  }
  const reason = 'recursive wildcards must form a single path component';
  if (start > 0 && characters[start - 1] !== '/') {
    throw new PatternError(start - 1, reason);
  }
  if (end < characters.length && characters[end] !== '/') {
    throw new PatternError(end, reason);
  }
  if (tokens.at(-1)?.kind !== 'anySegments') {
    tokens.push({ kind: 'anySegments' });
  }
  return end + 1; // past the slash, which belongs to the wildcard
}

function readSet(characters: readonly string[], start: number, tokens: PatternToken[]): number {
  const negated = characters[start + 1] === '!';
  const first = negated ? start + 2 : start + 1;
  // A bracket that comes first is a member of the set, not its end.
  const close = characters.indexOf(']', first + 1);
  if (close === -1) {
    throw new PatternError(start, 'invalid range pattern');
  }
  tokens.push({ kind: 'set', negated, ranges: readRanges(characters.slice(first, close)) });
  return close + 1;
}

function readRanges(members: readonly string[]): CharacterRange[] {
  const ranges: CharacterRange[] = [];
  let index = 0;
  while (index < members.length) {
    const first = members[index] ?? '';
    const last = members[index + 2];
    if (members[index + 1] === '-' && last !== undefined) {
      ranges.push([first, last]);
      index += 3;
    } else {
      ranges.push([first, first]);
      index += 1;
    }
  }
  return ranges;
}
