// All public routes of an application: the router, and what the user should hear about routes that are never used.
import { UserError } from '../errors.ts';
import { parseRoute, type RoutePattern } from './route-pattern.ts';
import { createRouter, type Routed, type Router, routeShape } from './router.ts';

/** Paths below are answered by the runtime itself. */
export const WELL_KNOWN_PREFIX = '/.well-known/spin/';

export interface RouteEntry<T> {
  /** As written in the manifest. */
  readonly raw: string;
  /** Who answers, for messages: the component's id, or the trigger's when it has none. */
  readonly owner: string;
  readonly target: T;
}

export interface DuplicateRoute {
  readonly route: string;
  readonly replacedOwner: string;
  readonly effectiveOwner: string;
}

export interface RoutingTable<T> {
  readonly router: Router<T>;
  /** Routes that a later one takes everything from. */
  readonly duplicates: readonly DuplicateRoute[];
  /** Routes under the well-known prefix: never reached. */
  readonly reserved: readonly string[];
}

export function createRoutingTable<T>(entries: readonly RouteEntry<T>[]): RoutingTable<T> {
  const routes = entries.map(({ raw, owner, target }) => ({ raw, owner, target, pattern: patternOf(raw, owner) }));
  const effective = new Map(routes.map((route) => [routeShape(route.pattern), route]));
  const duplicates = routes.flatMap((route) => {
    const winner = effective.get(routeShape(route.pattern));
    return winner === undefined || winner === route
      ? []
      : [{ route: route.pattern.based || '/', replacedOwner: route.owner, effectiveOwner: winner.owner }];
  });
  return {
    router: createRouter(routes.map(({ raw, pattern, target }): Routed<T> => ({ raw, pattern, target }))),
    duplicates,
    reserved: routes.flatMap(({ raw, pattern }) => (pattern.based.startsWith(WELL_KNOWN_PREFIX) ? [raw] : [])),
  };
}

function patternOf(raw: string, owner: string): RoutePattern {
  const parsed = parseRoute(raw);
  if (parsed.kind === 'invalid') {
    throw new UserError(routeProblem(raw, owner, parsed.problem), {
      code: 'SPK1009',
      field: 'route',
      remedy: ROUTE_REMEDY,
    });
  }
  return parsed.route;
}

export const ROUTE_REMEDY = 'A route is a path such as /hello, /users/:id or /files/....';

export function routeProblem(raw: string, owner: string, problem: string): string {
  return `Error parsing route ${raw} associated with component ${owner}: ${problem}`;
}
