// Reads an HTTP route into segments (spin-contract.md §1.11): literals, `:name`, mixtures of both with dots between
// (`:file.json`), and a wildcard at the end, written `/...` or `/*`.
type Part =
  | { readonly kind: 'literal'; readonly text: string }
  /** Takes all up to the next dot or slash; as the last part, up to the next slash. */
  | { readonly kind: 'name'; readonly name: string }
  /** Takes all that is left of the path. */
  | { readonly kind: 'rest' };

/** What stands between two slashes. */
export type Segment = readonly Part[];

export interface RoutePattern {
  /** Absolute, and without one trailing slash; empty for `/`. */
  readonly based: string;
  /** `based` without the wildcard at its end. */
  readonly path: string;
  readonly isWildcard: boolean;
  readonly segments: readonly Segment[];
}

export type ParsedRoute =
  | { readonly kind: 'route'; readonly route: RoutePattern }
  | { readonly kind: 'invalid'; readonly problem: string };

const WILDCARD_ENDINGS = ['/...', '/*'];

export function parseRoute(raw: string): ParsedRoute {
  const absolute = raw.startsWith('/') ? raw : `/${raw}`;
  const based = absolute.endsWith('/') ? absolute.slice(0, -1) : absolute;
  const ending = WILDCARD_ENDINGS.find((one) => based.endsWith(one));
  const path = ending === undefined ? based : based.slice(0, -ending.length);
  const segments: Segment[] = path
    .split('/')
    .filter((text) => text !== '')
    .map(parseSegment);
  if (ending !== undefined) {
    segments.push([{ kind: 'rest' }]);
  }
  const problem = segments.map(segmentProblem).find((one) => one !== undefined) ?? restProblem(segments);
  return problem === undefined
    ? { kind: 'route', route: { based, path, isWildcard: ending !== undefined, segments } }
    : { kind: 'invalid', problem };
}

function parseSegment(text: string): Segment {
  const parts: Part[] = [];
  for (const [index, section] of text.split('.').entries()) {
    const dot = index === 0 ? '' : '.';
    if (section === '*') {
      addLiteral(parts, dot);
      parts.push({ kind: 'rest' });
    } else if (section.startsWith(':')) {
      addLiteral(parts, dot);
      parts.push({ kind: 'name', name: section.slice(1) });
    } else {
      addLiteral(parts, dot + section);
    }
  }
  return parts;
}

function addLiteral(parts: Part[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === 'literal') {
    parts.splice(-1, 1, { kind: 'literal', text: last.text + text });
  } else if (text !== '') {
    parts.push({ kind: 'literal', text });
  }
}

function segmentProblem(segment: Segment): string | undefined {
  for (const part of segment) {
    if (part.kind === 'name' && part.name === '') {
      return 'params must be named';
    }
    const starred = part.kind === 'literal' ? /(?:^|\.)(\*[^.]*)/.exec(part.text)?.[1] : undefined;
    if (starred !== undefined) {
      return `since there can only be one wildcard, it doesn't need a name. replace \`${starred}\` with \`*\``;
    }
  }
  return undefined;
}

function restProblem(segments: readonly Segment[]): string | undefined {
  const parts = segments.flat();
  const rest = parts.findIndex((part) => part.kind === 'rest');
  return rest === -1 || rest === parts.length - 1 ? undefined : 'a wildcard must be the end of the route';
}
