// Which methods, schemes, authorities and paths a guest may set on a request (RFC 3986 §3, RFC 9110 §9.1, and where
// that leaves a choice what hyper's http crate takes; spin-contract.md §3.10).
import { isToken } from './header-syntax.ts';

/** RFC 3986 §3.1; the bound is the http crate's. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]{0,63}$/;

const USERINFO = String.raw`(?:[A-Za-z0-9\-._~!$&'()*+,;=:%]*@)?`;
const REG_NAME = String.raw`[A-Za-z0-9\-._~!$&'()*+,;=]*`;
const IP_LITERAL = String.raw`\[[0-9A-Za-z:.%]*\]`;

/** User info may be percent-encoded, a host may not: it would be decoded by one reader and not by another. */
const AUTHORITY = new RegExp(`^${USERINFO}(?:${IP_LITERAL}|${REG_NAME})(?::[0-9]{0,5})?$`);

/** As the WHATWG path and query states, with what JSON needs in a path; anything beyond ASCII goes as UTF-8. */
const PATH =
  /^[\x21-\x22\x24-\x3b\x3d\x40-\x5f\x61-\x7e\u0080-\u{10ffff}]*(?:\?[\x21\x24-\x3b\x3d\x3f-\x7e\u0080-\u{10ffff}]*)?$/u;

/** The http crate's for a whole URI; a guest can name all of its memory. */
const MAX_LENGTH = 65_534;

export const isMethod = (text: string): boolean => text.length <= MAX_LENGTH && isToken(text);

export const isScheme = (text: string): boolean => SCHEME.test(text);

export const isAuthority = (text: string): boolean =>
  text !== '' && text.length <= MAX_LENGTH && !text.endsWith('@') && AUTHORITY.test(text);

/** A fragment is allowed, and cut off before the request is sent. */
export const isPathWithQuery = (text: string): boolean => text.length <= MAX_LENGTH && PATH.test(withoutFragment(text));

/** The path as it goes into the request line, or undefined when it would not begin with a slash there. */
export function requestPath(pathWithQuery: string): string | undefined {
  const path = withoutFragment(pathWithQuery);
  if (path === '' || path.startsWith('?')) {
    return `/${path}`;
  }
  // An absolute URL here would address another host than the one that was checked.
  return path.startsWith('/') ? path : undefined;
}

function withoutFragment(text: string): string {
  const hash = text.indexOf('#');
  return hash === -1 ? text : text.slice(0, hash);
}
