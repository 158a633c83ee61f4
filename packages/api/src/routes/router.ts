// Finds the route of a request path (spin-contract.md §1.11). Routes are compiled into a tree over path segments
// once; a look-up walks it with no regular expression and no decoding. Segment by segment from the left, a literal goes
// before a mixture, that before a `:name`, that before the wildcard, whatever the order of the routes.
import { compareForListing } from './route-order.ts';
import type { RoutePattern, Segment } from './route-pattern.ts';

export interface Routed<T> {
  /** As written in the manifest. */
  readonly raw: string;
  readonly pattern: RoutePattern;
  readonly target: T;
}

export interface Capture {
  readonly name: string;
  /** As it stands in the path, not decoded. */
  readonly value: string;
}

export interface RouteMatch<T> {
  readonly route: Routed<T>;
  /** What the wildcard took, with its slashes; empty for a route without one. */
  readonly pathInfo: string;
  readonly captures: readonly Capture[];
}

export interface Router<T> {
  /** In the order in which Spin lists them. */
  readonly routes: readonly Routed<T>[];
  /** `path` is the request's path as it came, without the query. */
  match(path: string): RouteMatch<T> | undefined;
}

/** Of two routes that match the same paths, the later one stays. */
export function createRouter<T>(routes: readonly Routed<T>[]): Router<T> {
  const root = createNode<T>();
  const byShape = new Map<string, Routed<T>>();
  for (const route of routes) {
    byShape.delete(routeShape(route.pattern)); // the later one also takes the later place
    byShape.set(routeShape(route.pattern), route);
    insert(root, route);
  }
  return {
    routes: [...byShape.values()].toSorted((one, other) => compareForListing(one.pattern, other.pattern)),
    match: (path) => new Walk<T>(path).from(root),
  };
}

/** Equal for two routes when they match the same paths: names of captures do not matter. */
export function routeShape({ segments }: RoutePattern): string {
  return segments.map(segmentShape).join('/');
}

function segmentShape(segment: Segment): string {
  return segment.map((part) => (part.kind === 'literal' ? part.text : part.kind === 'name' ? ':' : '*')).join('');
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  /** Most specific first. */
  readonly mixtures: Mixture<T>[];
  name: Node<T> | undefined;
  /** The route that ends here. */
  exact: Leaf<T> | undefined;
  wildcard: Leaf<T> | undefined;
}

interface Mixture<T> {
  readonly segment: Segment;
  readonly node: Node<T>;
}

interface Leaf<T> {
  readonly route: Routed<T>;
  readonly names: readonly string[];
}

function createNode<T>(): Node<T> {
  return { literals: new Map(), mixtures: [], name: undefined, exact: undefined, wildcard: undefined };
}

function insert<T>(root: Node<T>, route: Routed<T>): void {
  const { segments } = route.pattern;
  const names = segments.flat().flatMap((part) => (part.kind === 'name' ? [part.name] : []));
  let node = root;
  for (const segment of segments) {
    if (segment.length === 1 && segment[0]?.kind === 'rest') {
      node.wildcard = { route, names };
      return;
    }
    node = childFor(node, segment);
  }
  node.exact = { route, names };
}

function childFor<T>(node: Node<T>, segment: Segment): Node<T> {
  const [first, second] = segment;
  if (first?.kind === 'literal' && second === undefined) {
    const child = node.literals.get(first.text) ?? createNode();
    node.literals.set(first.text, child);
    return child;
  }
  if (first?.kind === 'name' && second === undefined) {
    node.name ??= createNode();
    return node.name;
  }
  const shape = segmentShape(segment);
  const known = node.mixtures.find((mixture) => segmentShape(mixture.segment) === shape);
  if (known !== undefined) {
    return known.node;
  }
  const child = createNode<T>();
  node.mixtures.push({ segment, node: child });
  node.mixtures.sort((one, other) => compareMixtures(one.segment, other.segment));
  return child;
}

/** Beginning with a literal goes first, then more parts, then more text. */
function compareMixtures(one: Segment, other: Segment): number {
  return (
    Number(other[0]?.kind === 'literal') - Number(one[0]?.kind === 'literal') ||
    other.length - one.length ||
    segmentShape(other).length - segmentShape(one).length
  );
}

/** Where the path is used up. */
const NOTHING_LEFT = -1;

/** One look-up. Slashes at both ends of the path do not count. */
class Walk<T> {
  readonly #path: string;
  readonly #start: number;
  readonly #end: number;
  /** Of the captures on the way to the present node. */
  readonly #values: string[] = [];

  constructor(path: string) {
    let start = 0;
    let end = path.length;
    while (start < end && path.charAt(start) === '/') {
      start += 1;
    }
    while (end > start && path.charAt(end - 1) === '/') {
      end -= 1;
    }
    this.#path = path;
    this.#start = start;
    this.#end = end;
  }

  from(root: Node<T>): RouteMatch<T> | undefined {
    return this.#walk(root, this.#start === this.#end ? NOTHING_LEFT : this.#start);
  }

  #walk(node: Node<T>, at: number): RouteMatch<T> | undefined {
    if (at === NOTHING_LEFT) {
      const { exact, wildcard } = node;
      return exact ? this.#found(exact, undefined) : wildcard && this.#found(wildcard, at);
    }
    const slash = this.#path.indexOf('/', at);
    const isLast = slash === -1 || slash >= this.#end;
    const text = this.#path.slice(at, isLast ? this.#end : slash);
    const next = isLast ? NOTHING_LEFT : slash + 1;
    const literal = node.literals.get(text);
    return (
      (literal && this.#walk(literal, next)) ??
      this.#mixtures(node, at, text, next) ??
      (node.name && this.#named(node.name, text, next)) ??
      (node.wildcard && this.#found(node.wildcard, at))
    );
  }

  #named(node: Node<T>, value: string, next: number): RouteMatch<T> | undefined {
    this.#values.push(value);
    const match = this.#walk(node, next);
    if (match === undefined) {
      this.#values.pop();
    }
    return match;
  }

  #mixtures(node: Node<T>, at: number, text: string, next: number): RouteMatch<T> | undefined {
    const before = this.#values.length;
    for (const mixture of node.mixtures) {
      const end = this.#takeParts(mixture.segment, text);
      const takesRest = mixture.segment.at(-1)?.kind === 'rest';
      if (end !== undefined && takesRest && mixture.node.exact) {
        return this.#found(mixture.node.exact, at + end);
      }
      const match = end === text.length && !takesRest ? this.#walk(mixture.node, next) : undefined;
      if (match !== undefined) {
        return match;
      }
      this.#values.length = before;
    }
    return undefined;
  }

  /** How much of the text the parts take, up to a `rest`; undefined when they do not fit. */
  #takeParts(segment: Segment, text: string): number | undefined {
    let offset = 0;
    for (const [index, part] of segment.entries()) {
      if (part.kind === 'literal') {
        if (!text.startsWith(part.text, offset)) {
          return undefined;
        }
        offset += part.text.length;
      } else if (part.kind === 'name') {
        const end = index === segment.length - 1 ? text.length : text.indexOf('.', offset);
        if (end === -1 || (end === text.length && end === offset)) {
          return undefined;
        }
        this.#values.push(text.slice(offset, end));
        offset = end;
      }
    }
    return offset;
  }

  #found({ route, names }: Leaf<T>, restAt: number | undefined): RouteMatch<T> {
    return {
      route,
      pathInfo: restAt === undefined ? '' : this.#pathInfo(restAt),
      captures: names.map((name, index) => ({ name, value: this.#values[index] ?? '' })),
    };
  }

  /** `/foo/...` takes "" of `/foo`, "/" of `/foo/`, "/bar" of `/foo/bar`, "/bar/" of `/foo/bar/`. */
  #pathInfo(restAt: number): string {
    const taken = restAt === NOTHING_LEFT ? '' : this.#path.slice(restAt, this.#end);
    const rest = taken === '' ? '' : `/${taken}`;
    return this.#path.endsWith('/') ? `${rest}/` : rest;
  }
}
