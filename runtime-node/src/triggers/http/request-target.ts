// Target and authority of a request (RFC 9112 §3.2; spin-contract.md §3.2 step 5).

export interface RequestTarget {
  /** Of an absolute-form target; undefined for the usual origin form. */
  readonly authority: string | undefined;
  /** As received, without scheme, authority and fragment. */
  readonly pathWithQuery: string;
  readonly path: string;
}

const ABSOLUTE_FORM = /^[A-Za-z][A-Za-z0-9+\-.]*:\/\/([^/?#]*)/;

/** Host name, IPv4 or bracketed IPv6, with optional userinfo and port (RFC 3986 §3.2). */
const AUTHORITY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=%:]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(?::\d*)?$/;

/** A name that only means something inside an app; a client may not claim it (spec §3.2 step 1). */
const INTERNAL_HOST = /\.spin\.internal(?::\d*)?$/i;

export function parseTarget(target: string): RequestTarget {
  const absolute = target.startsWith('/') ? null : ABSOLUTE_FORM.exec(target);
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  const hash = rest.indexOf('#');
  const visible = hash === -1 ? rest : rest.slice(0, hash);
  const pathWithQuery = visible.startsWith('/') || visible === '*' ? visible : `/${visible}`;
  const query = pathWithQuery.indexOf('?');
  return {
    authority: absolute?.[1],
    pathWithQuery,
    path: query === -1 ? pathWithQuery : pathWithQuery.slice(0, query),
  };
}

/** The Host header as far as it counts. */
export const usableHost = (host: string | undefined): string | undefined =>
  host === undefined || INTERNAL_HOST.test(host) ? undefined : host;

/** `named`: in the target itself. Undefined when there is none, a bad one, or two that differ: the request is bad then. */
export function authorityOf(named: string | undefined, host: string | undefined): string | undefined {
  const authority = named ?? host;
  if (authority === undefined || !AUTHORITY.test(authority)) {
    return undefined;
  }
  return host === undefined || host === authority ? authority : undefined;
}
