// The routes of an app as the trigger answers them, and as they are listed at start (spin-contract.md §1.11, §3.5).
import {
  checkHttpMetadata,
  createRoutingTable,
  parseHttpTrigger,
  type Capture,
  type HttpExecutor,
  type HttpTrigger,
  type LockedApp,
  type RouteEntry,
  type Router,
} from '@spindle/api';
import { staticAnswer } from './static-answer.ts';
import type { FixedAnswer } from './well-known.ts';

/** What answers on a route. */
export type RouteTarget =
  | { readonly kind: 'component'; readonly component: string; readonly executor: HttpExecutor }
  | { readonly kind: 'static'; readonly answer: FixedAnswer };

export type WagiExecutor = Extract<HttpExecutor, { kind: 'wagi' }>;

/** One line of the start-up text. */
export interface ListedRoute {
  /** Component id, or trigger id where no component answers. */
  readonly id: string;
  /** Without the wildcard; '' for the root. */
  readonly path: string;
  readonly wildcard: boolean;
  readonly description?: string;
}

export interface FoundRoute {
  readonly target: RouteTarget;
  /** As written in the manifest. */
  readonly raw: string;
  readonly pathInfo: string;
  readonly captures: readonly Capture[];
}

export interface HttpRoutes {
  readonly list: readonly ListedRoute[];
  /** Ids of the components that answer HTTP by a handler, private ones too. */
  readonly components: readonly string[];
  /** Those that answer by a command, by id, each with how its first trigger runs it. */
  readonly commands: ReadonlyMap<string, WagiExecutor>;
  /** What the user should hear about routes that are never used. */
  readonly warnings: readonly string[];
  find(path: string): FoundRoute | undefined;
}

export function httpRoutes(locked: LockedApp): HttpRoutes {
  checkHttpMetadata(locked);
  const triggers = locked.triggers.filter(({ trigger_type }) => trigger_type === 'http').map(parseHttpTrigger);
  const table = createRoutingTable(triggers.flatMap(routeEntry));
  return {
    list: listRoutes(table.router, locked),
    components: [
      ...new Set(
        triggers.flatMap(({ handler }) =>
          handler.kind === 'component' && handler.executor.kind === 'http' ? [handler.component] : [],
        ),
      ),
    ],
    commands: new Map(
      triggers
        .toReversed()
        .flatMap(({ handler }) =>
          handler.kind === 'component' && handler.executor.kind === 'wagi'
            ? [[handler.component, handler.executor]]
            : [],
        ),
    ),
    warnings: [
      ...wagiWarnings(triggers),
      ...(table.duplicates.length === 0
        ? []
        : ['The following component routes are duplicates and will never be used:']),
      ...table.duplicates.map(
        ({ route, replacedOwner, effectiveOwner }) => `  ${replacedOwner}: ${route} (duplicate of ${effectiveOwner})`,
      ),
      ...(table.reserved.length === 0
        ? []
        : ['Routes under /.well-known/spin/ are handled by the Spin runtime and will never be reached']),
    ],
    find: (path) => {
      const match = table.router.match(path);
      return (
        match && {
          target: match.route.target.target,
          raw: match.route.raw,
          pathInfo: match.pathInfo,
          captures: match.captures,
        }
      );
    },
  };
}

/** What the router keeps per route. */
interface Target {
  readonly id: string;
  readonly target: RouteTarget;
}

function routeEntry({ id, route, handler }: HttpTrigger): RouteEntry<Target>[] {
  if (route.kind === 'private') {
    return [];
  }
  const owner = handler.kind === 'component' ? handler.component : id;
  const target: RouteTarget =
    handler.kind === 'component'
      ? { kind: 'component', component: handler.component, executor: handler.executor }
      : { kind: 'static', answer: staticAnswer(handler.response) };
  return [{ raw: route.raw, owner, target: { id: owner, target } }];
}

/** Spin's words (spec §6.6): an app that is to run there too should know. */
function wagiWarnings(triggers: readonly HttpTrigger[]): string[] {
  const routes = triggers.flatMap(({ route, handler }) =>
    handler.kind === 'component' && handler.executor.kind === 'wagi'
      ? [route.kind === 'public' ? route.raw : '(private)']
      : [],
  );
  return routes.length === 0
    ? []
    : [
        ...routes.map((route) => `Warning: HTTP route ${route} uses the WAGI executor.`),
        'Warning: WAGI will be deprecated in a future version of Spin.',
        'To provide feedback, please visit https://github.com/spinframework/spin/issues/3520.',
      ];
}

function listRoutes(router: Router<Target>, locked: LockedApp): ListedRoute[] {
  const descriptions = new Map(locked.components.map(({ id, metadata }) => [id, metadata?.description]));
  return router.routes.map(({ pattern, target: { id } }) => {
    const description = descriptions.get(id);
    return {
      id,
      path: pattern.path,
      wildcard: pattern.isWildcard,
      ...(description === undefined ? {} : { description }),
    };
  });
}
