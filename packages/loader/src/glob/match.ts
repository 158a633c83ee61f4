// Matches a text against a pattern by following all possible positions at once: the time is bounded by the product of
// both lengths, whatever the pattern, because a manifest must not be able to hang the command that reads it. As in Rust's
// `Pattern::matches`, a star crosses slashes; whoever wants them kept apart matches name by name.
import type { CharacterRange, PatternToken } from './pattern.ts';

export function matchesPattern(tokens: readonly PatternToken[], text: string): boolean {
  let positions = new Set<number>();
  enter(tokens, 0, positions);
  for (const character of text) {
    const next = new Set<number>();
    for (const position of positions) {
      step(tokens, position, character, next);
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

function step(tokens: readonly PatternToken[], position: number, character: string, next: Set<number>): void {
  const token = tokens[position];
  switch (token?.kind) {
    case 'character':
      if (token.character === character) {
        enter(tokens, position + 1, next);
      }
      return;
    case 'anyCharacter':
      enter(tokens, position + 1, next);
      return;
    case 'set':
      if (contains(token.ranges, character) !== token.negated) {
        enter(tokens, position + 1, next);
      }
      return;
    case 'anySequence':
      enter(tokens, position, next);
      return;
    case 'anySegments':
      // What follows `**/` begins only where a segment begins.
      next.add(position);
      if (character === '/') {
        enter(tokens, position + 1, next);
      }
      return;
    case undefined:
      return; // the pattern has ended, the text has not
  }
}

function contains(ranges: readonly CharacterRange[], character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => (first.codePointAt(0) ?? 0) <= point && point <= (last.codePointAt(0) ?? 0));
}
