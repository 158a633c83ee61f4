// The configuration of one HTTP trigger, out of a manifest or a locked app (spin-contract.md §1.5).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { nodeOf } from '../document/json-document.ts';
import type { LockedApp, LockedTrigger } from '../locked-app/types.ts';
import { parseRoute } from '../routes/route-pattern.ts';
import { ROUTE_REMEDY, routeProblem } from '../routes/routing-table.ts';

export interface HttpTrigger {
  readonly id: string;
  readonly route: HttpRoute;
  readonly handler: HttpHandler;
}

export type HttpRoute =
  | { readonly kind: 'public'; readonly raw: string }
  /** Reached through service chaining only. */
  | { readonly kind: 'private' };

export type HttpHandler =
  | { readonly kind: 'component'; readonly component: string; readonly executor: HttpExecutor }
  | { readonly kind: 'static'; readonly response: StaticResponse };

export type HttpExecutor = { readonly kind: 'http' } | { readonly kind: 'wagi'; readonly argv: string };

export interface StaticResponse {
  /** Not checked: 9999 starts, and every request to it fails, as in Spin. */
  readonly statusCode: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
}

const FIELDS = ['component', 'static_response', 'route', 'executor'];
const DEFAULT_ARGV = '${SCRIPT_NAME} ${ARGS}';
const WAGI_ENTRYPOINT = '_start';
const MAX_STATUS = 65_535; // what Spin's u16 holds

export function parseHttpTrigger(trigger: LockedTrigger): HttpTrigger {
  const node = nodeOf(trigger.trigger_config, ['triggers', trigger.id, 'trigger_config'], 'SPK1009');
  const table = node.table(FIELDS);
  return readHttpTrigger(trigger.id, table.get('component')?.string(), table);
}

/** To be called for an app out of a registry: those of old manifests may have a base, which routes no longer have. */
export function checkHttpMetadata({ metadata }: Pick<LockedApp, 'metadata'>): void {
  const single = metadata?.trigger?.type === 'http' ? metadata.trigger : {};
  refuseHttpBase(nodeOf(single, ['metadata', 'trigger'], 'SPK1009').table());
  refuseHttpBase(nodeOf(metadata?.triggers?.['http'] ?? {}, ['metadata', 'triggers', 'http'], 'SPK1009').table());
}

export function refuseHttpBase(globals: DocumentTable): void {
  const base = globals.get('base');
  if (base !== undefined && base.value !== '/') {
    throw base.contentError(
      "This application is using the deprecated trigger 'base' field. " +
        "The base must be prepended to each [[trigger.http]]'s 'route'.",
      { remedy: 'Remove `base`, and write the whole path in each `route`.' },
    );
  }
}

/** Fields that are not the HTTP trigger's must have been refused before. */
export function readHttpTrigger(id: string, component: string | undefined, table: DocumentTable): HttpTrigger {
  const route = table.required('route');
  const handler = readHandler(id, component, table);
  return { id, route: readRoute(route, component ?? id), handler };
}

function readHandler(id: string, component: string | undefined, table: DocumentTable): HttpHandler {
  const executorNode = table.get('executor');
  const executor: HttpExecutor =
    executorNode === undefined ? { kind: 'http' } : readExecutor(executorNode, component ?? id);
  const response = table.get('static_response');
  if (component !== undefined && response === undefined) {
    return { kind: 'component', component, executor };
  }
  if (component === undefined && response !== undefined) {
    return { kind: 'static', response: readStaticResponse(response) };
  }
  const has = component === undefined ? 'neither' : 'both';
  throw table.node.contentError(`Triggers must specify either component or static_response - ${id} has ${has}`, {
    remedy: has === 'both' ? 'Remove one of the two.' : 'Add `component = "<id>"`.',
  });
}

export function refuseUnknownHttpFields(table: DocumentTable, common: readonly string[]): void {
  table.refuseOthers(FIELDS, common);
}

function readRoute(node: DocumentNode, owner: string): HttpRoute {
  if (node.isTable()) {
    if (node.table(['private']).required('private').boolean()) {
      return { kind: 'private' };
    }
    throw node.contentError(
      `route must be a string pattern or '{ private = true }': '${owner}' has { private = false }`,
      { remedy: ROUTE_REMEDY },
    );
  }
  const raw = node.string();
  const parsed = parseRoute(raw);
  if (parsed.kind === 'invalid') {
    throw node.contentError(routeProblem(raw, owner, parsed.problem), { remedy: ROUTE_REMEDY });
  }
  return { kind: 'public', raw };
}

function readExecutor(node: DocumentNode, owner: string): HttpExecutor {
  const table = node.table();
  const type = table.required('type');
  switch (type.string()) {
    case 'http':
    case 'spin':
      return { kind: 'http' };
    case 'wagi':
      return readWagi(table, owner);
    default:
      throw type.schemaError(`unknown variant \`${type.string()}\`, expected one of \`http\`, \`spin\`, \`wagi\``, {
        remedy: 'Remove `executor`; the kind of component is found out by itself.',
      });
  }
}

function readWagi(table: DocumentTable, owner: string): HttpExecutor {
  table.refuseOthers(['type', 'argv', 'entrypoint']);
  const entrypoint = table.get('entrypoint');
  if (entrypoint !== undefined && entrypoint.string() !== WAGI_ENTRYPOINT) {
    throw entrypoint.contentError(`Wagi component '${owner}' cannot use deprecated 'entrypoint' field`, {
      remedy: `Remove \`entrypoint\`: a command begins at \`${WAGI_ENTRYPOINT}\`.`,
    });
  }
  return { kind: 'wagi', argv: table.get('argv')?.string() ?? DEFAULT_ARGV };
}

function readStaticResponse(node: DocumentNode): StaticResponse {
  const table = node.table(['status_code', 'headers', 'body']);
  return {
    statusCode: table.get('status_code')?.integer(0, MAX_STATUS) ?? 200,
    headers: table.get('headers')?.stringMap() ?? new Map(),
    body: table.get('body')?.string(),
  };
}
