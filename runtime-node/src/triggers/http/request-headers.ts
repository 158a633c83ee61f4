// The `spin-*` headers that a guest finds on its request (spin-contract.md §3.3).
import type { Capture } from '@spindle/api';
import type { HeaderList } from '../../host/http/exchange.ts';

/** How a request met its route. */
export interface RouteFacts {
  /** Route as written in the manifest, e.g. `/hello/:who/...`. */
  readonly raw: string;
  /** The part that a trailing wildcard matched; '' for an exact route. */
  readonly pathInfo: string;
  readonly captures: readonly Capture[];
}

/** Prefix of the URL: scheme and host. */
export interface RequestFacts {
  readonly scheme: 'http' | 'https';
  /** The Host header, or undefined when the request had none. */
  readonly host: string | undefined;
  readonly pathWithQuery: string;
  /** `ip:port` of the peer. */
  readonly clientAddress: string;
}

/** What a request is told of besides its own fields, before that becomes headers, or the environment of a command. */
export interface RequestOrigin {
  readonly route: RouteFacts;
  readonly facts: RequestFacts;
  /** The request's own. */
  readonly headers: HeaderList;
}

/** In Spin's order; to be appended to the request's own headers. */
export function spinHeaders(route: RouteFacts, request: RequestFacts): HeaderList {
  const component = withoutWildcard(route.raw);
  const headers: [string, string][] = [
    ['spin-full-url', `${request.scheme}://${request.host ?? 'localhost'}${request.pathWithQuery}`],
    ['spin-path-info', route.pathInfo],
    ['spin-matched-route', withoutTrailingSlash(route.raw)],
    ['spin-base-path', '/'],
    ['spin-raw-component-route', route.raw],
    ['spin-component-route', component],
    ['spin-client-addr', request.clientAddress],
  ];
  for (const { name, value } of route.captures) {
    headers.push([`spin-path-match-${name.toLowerCase().replaceAll('_', '-')}`, value]);
  }
  return headers;
}

const withoutTrailingSlash = (route: string): string => (route.endsWith('/') ? route.slice(0, -1) : route);

const withoutWildcard = (route: string): string => route.replace(/\/(?:\.\.\.|\*)$/, '');
