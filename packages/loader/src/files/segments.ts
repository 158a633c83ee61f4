// A path pattern cut at its slashes, and the set of places in it that a walk has reached. A walk carries a set, not one
// place, so that a file which fits in several ways is still found once.
import { looksLikePattern, parsePattern, type PatternToken } from '../glob/pattern.ts';
import { matchesPattern } from '../glob/match.ts';

export type Segment =
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'pattern'; readonly tokens: readonly PatternToken[] }
  /** `**`: any number of directories. */
  | { readonly kind: 'directories' };

/** Everything below a directory. */
export const WHOLE_TREE: readonly Segment[] = [
  { kind: 'directories' },
  { kind: 'pattern', tokens: [{ kind: 'anySequence' }] },
];

/** Reads a pattern segment by segment; `.` and empty segments say nothing. Throws PatternError. */
export function patternSegments(pattern: string): Segment[] {
  parsePattern(pattern); // positions in its errors count from the start of the whole pattern
  const segments = names(pattern).map(segmentOf);
  // After a slash at the end only directories fit, as after `**`.
  return pattern.endsWith('/') ? [...segments, { kind: 'directories' }] : segments;
}

function segmentOf(name: string): Segment {
  if (name === '**') {
    return { kind: 'directories' };
  }
  return looksLikePattern(name) ? { kind: 'pattern', tokens: parsePattern(name) } : { kind: 'literal', name };
}

/** The segments of a path in which no character is special. */
export function literalSegments(path: string): Segment[] {
  return names(path).map((name) => ({ kind: 'literal', name }));
}

function names(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** Indices of the segments that the next name may fit. */
export type Places = ReadonlySet<number>;

export function firstPlaces(segments: readonly Segment[]): Places {
  const places = new Set<number>();
  enter(segments, 0, places);
  return places;
}

/** The places below a directory called `name`; empty when nothing below it can fit. */
export function placesBelow(segments: readonly Segment[], places: Places, name: string): Places {
  const below = new Set<number>();
  for (const place of places) {
    const segment = segments[place];
    if (segment?.kind === 'directories') {
      enter(segments, place, below);
    } else if (segment !== undefined && fits(segment, name)) {
      enter(segments, place + 1, below);
    }
  }
  below.delete(segments.length); // the directory itself fits, but only files are selected
  return below;
}

/** Whether a file called `name` is selected here. */
export function selectsFile(segments: readonly Segment[], places: Places, name: string): boolean {
  const last = segments.length - 1;
  const segment = segments[last];
  return segment !== undefined && places.has(last) && fits(segment, name);
}

/** The only names that can fit here, when no pattern stands here; reading the directory is then not needed. */
export function literalNames(segments: readonly Segment[], places: Places): string[] | undefined {
  const found: string[] = [];
  for (const place of places) {
    const segment = segments[place];
    if (segment?.kind !== 'literal') {
      return undefined;
    }
    found.push(segment.name);
  }
  return found;
}

function enter(segments: readonly Segment[], place: number, into: Set<number>): void {
  into.add(place);
  if (segments[place]?.kind === 'directories') {
    enter(segments, place + 1, into);
  }
}

function fits(segment: Segment, name: string): boolean {
  switch (segment.kind) {
    case 'literal':
      return segment.name === name;
    case 'pattern':
      return matchesPattern(segment.tokens, name);
    case 'directories':
      return false; // a file is never a directory
  }
}
