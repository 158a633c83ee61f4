// The order in which Spin lists routes at start: that of the crate routefinder, with routes that have a dot between
// parts first. (Its own order depends on the order of insertion when dots are mixed in; this one is the same without.)
import type { RoutePattern, Segment } from './route-pattern.ts';

type Token = 'dot' | 'literal' | 'name' | 'rest' | 'slash';

/** Higher goes first. */
const RANK: Readonly<Record<Token, number>> = { dot: 4, literal: 3, name: 2, rest: 1, slash: 0 };

export function compareForListing(one: RoutePattern, other: RoutePattern): number {
  const [first, second] = [tokens(one), tokens(other)];
  const dots = countDots(second) - countDots(first);
  if (dots !== 0) {
    return dots;
  }
  for (const [index, token] of first.entries()) {
    const against = second[index];
    if (against !== undefined && against !== token) {
      return RANK[against] - RANK[token];
    }
  }
  return first.length - second.length;
}

const countDots = (all: readonly Token[]): number => all.filter((token) => token === 'dot').length;

function tokens({ segments }: RoutePattern): Token[] {
  return segments.flatMap((segment, index) =>
    index === 0 ? segmentTokens(segment) : ['slash', ...segmentTokens(segment)],
  );
}

/** A dot counts as one only behind a `:name`; elsewhere it is text. */
function segmentTokens(segment: Segment): Token[] {
  return segment.flatMap((part, index): Token[] => {
    if (part.kind !== 'literal' || index === 0) {
      return [part.kind];
    }
    return part.text === '.' ? ['dot'] : ['dot', 'literal'];
  });
}
