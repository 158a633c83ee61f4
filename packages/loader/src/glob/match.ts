// Matches a text against a pattern by following all possible positions at once: the time is bounded by the product of
// both lengths, whatever the pattern, because a manifest must not be able to hang the command that reads it.
import type { PatternToken } from './pattern.ts';

export interface MatchOptions {
  /** `*`, `?` and `[…]` stop at a slash. Rust's `glob()` matches so, its `Pattern::matches` does not. */
  readonly separatorIsLiteral?: boolean;
}

export function matchesPattern(tokens: readonly PatternToken[], text: string, options: MatchOptions = {}): boolean {
  const separatorIsLiteral = options.separatorIsLiteral ?? false;
  let positions = new Set<number>();
  enter(tokens, 0, positions);
  for (const character of text) {
    const next = new Set<number>();
    for (const position of positions) {
      step(tokens, position, character, separatorIsLiteral, next);
    }
    if (next.size === 0) {
      return false;
    }
    positions = next;
  }
  const lastIsRecursive = tokens.at(-1)?.kind === 'anySegments';
  return positions.has(tokens.length) || (lastIsRecursive && positions.has(tokens.length - 1));
}

/** Adds a position and those that follow it when its wildcard stands for nothing. */
function enter(tokens: readonly PatternToken[], position: number, into: Set<number>): void {
  into.add(position);
  const kind = tokens[position]?.kind;
  if (kind === 'anySequence' || kind === 'anySegments') {
    enter(tokens, position + 1, into);
  }
}

function step(
  tokens: readonly PatternToken[],
  position: number,
  character: string,
  separatorIsLiteral: boolean,
  next: Set<number>,
): void {
  const token = tokens[position];
  if (token === undefined) {
    return;
  }
  const blocked = separatorIsLiteral && character === '/';
  switch (token.kind) {
    case 'character':
      if (token.character === character) {
        enter(tokens, position + 1, next);
      }
      return;
    case 'anyCharacter':
      if (!blocked) {
        enter(tokens, position + 1, next);
      }
      return;
    case 'set':
      if (!blocked && contains(token.ranges, character) !== token.negated) {
        enter(tokens, position + 1, next);
      }
      return;
    case 'anySequence':
      if (!blocked) {
        enter(tokens, position, next);
      }
      return;
    case 'anySegments':
      // What follows `**/` begins only where a segment begins.
      next.add(position);
      if (character === '/') {
        enter(tokens, position + 1, next);
      }
      return;
  }
}

function contains(ranges: readonly (readonly [string, string])[], character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => (first.codePointAt(0) ?? 0) <= point && point <= (last.codePointAt(0) ?? 0));
}
