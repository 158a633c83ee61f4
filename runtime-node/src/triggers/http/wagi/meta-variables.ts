// What a CGI command is told of its request: arguments and environment (RFC 3875 §4; spin-contract.md §6.6). Pure.
import type { Capture } from '@spindle/api';
import type { HeaderList } from '../../../host/http/exchange.ts';
import { spinHeaders, type RequestOrigin } from '../request-headers.ts';

export interface CgiRequest {
  readonly method: string;
  readonly authority: string;
  /** Of the body, without transfer coding. */
  readonly length: number;
  readonly origin: RequestOrigin;
}

/** Spin's words for what its other handlers find in headers. */
const OF_SPIN: Readonly<Record<string, string>> = {
  'spin-full-url': 'X_FULL_URL',
  // As it came, though RFC 3875 §4.1.5 has it decoded: a guest moved from Spin finds what it found there.
  'spin-path-info': 'PATH_INFO',
  'spin-matched-route': 'X_MATCHED_ROUTE',
  'spin-base-path': 'X_BASE_PATH',
  'spin-raw-component-route': 'X_RAW_COMPONENT_ROUTE',
  'spin-component-route': 'X_COMPONENT_ROUTE',
  'spin-client-addr': 'X_CLIENT_ADDR',
};

/**
 * RFC 3875 §4.1.18 for the first two. HTTP_PROXY is what HTTP clients take for the address of their proxy, which the
 * request must not choose (CVE-2016-5385).
 */
const NEVER = ['HTTP_AUTHORIZATION', 'HTTP_CONNECTION', 'HTTP_PROXY'];

export function metaVariables({ method, authority, length, origin }: CgiRequest): Record<string, string> {
  const { route, facts, headers } = origin;
  const spin = spinHeaders(route, facts).flatMap(([name, value]) => {
    const variable = OF_SPIN[name];
    return variable === undefined ? [] : [[variable, textOf(value)] as const];
  });
  const { name, port } = serverOf(authority, facts.scheme === 'https' ? '443' : '80');
  const client = facts.clientAddress.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return {
    AUTH_TYPE: '',
    CONTENT_LENGTH: String(length),
    CONTENT_TYPE: textOf(headers.find(([header]) => header.toLowerCase() === 'content-type')?.[1] ?? ''),
    GATEWAY_INTERFACE: 'CGI/1.1',
    PATH_TRANSLATED: decoded(route.pathInfo),
    QUERY_STRING: textOf(queryOf(facts.pathWithQuery)),
    REMOTE_ADDR: client,
    REMOTE_HOST: client,
    REMOTE_USER: '',
    REQUEST_METHOD: method,
    SERVER_NAME: name,
    SERVER_PORT: port,
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: 'WAGI/1',
    X_RAW_PATH_INFO: textOf(route.pathInfo),
    ...Object.fromEntries(spin),
    SCRIPT_NAME: route.raw.replace(/\/\.\.\.$/, ''),
    ...captureVariables(route.captures),
    ...headerVariables(headers),
  };
}

/** `argv` of the executor with the path and the query in it, at each space a new argument (as Spin, empty ones too). */
export function commandArguments(argv: string, pathWithQuery: string): string[] {
  const [path = ''] = pathWithQuery.split('?', 1);
  const values: Readonly<Record<string, string>> = {
    '${SCRIPT_NAME}': textOf(path),
    '${ARGS}': textOf(queryOf(pathWithQuery)).replaceAll('&', ' '),
  };
  return argv.replaceAll(/\$\{(?:SCRIPT_NAME|ARGS)\}/g, (name) => values[name] ?? '').split(' ');
}

const captureVariables = (captures: readonly Capture[]): Record<string, string> =>
  Object.fromEntries(captures.map(({ name, value }) => [`X_PATH_MATCH_${name.toUpperCase()}`, textOf(value)]));

/** Fields that come several times are joined, as RFC 3875 §4.1.18 has it. */
function headerVariables(headers: HeaderList): Record<string, string> {
  const found = new Map<string, string>();
  // `x_user` would pass for the `x-user` that a proxy sets, or takes away: such fields are not for commands.
  for (const [name, value] of headers.filter(([field]) => !field.includes('_'))) {
    const variable = `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
    const before = found.get(variable);
    found.set(
      variable,
      before === undefined ? textOf(value) : `${before}${variable === 'HTTP_COOKIE' ? '; ' : ', '}${textOf(value)}`,
    );
  }
  for (const name of NEVER) {
    found.delete(name);
  }
  return Object.fromEntries(found);
}

function serverOf(authority: string, defaultPort: string): { name: string; port: string } {
  const [, name = '', port = ''] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? [];
  return { name, port: port === '' ? defaultPort : port };
}

function queryOf(pathWithQuery: string): string {
  const at = pathWithQuery.indexOf('?');
  return at === -1 ? '' : pathWithQuery.slice(at + 1);
}

/** Bytes as one char each, read as UTF-8. */
const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** Without percent signs. A NUL would end the variable early, in a guest that reads it as C does. */
const decoded = (path: string): string =>
  textOf(
    path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16))),
  ).replaceAll('\0', '\ufffd');
