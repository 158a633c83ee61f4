// The `method` and `scheme` variants and what they are on the wire.

const KNOWN = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const;

export type Method = { readonly tag: (typeof KNOWN)[number] } | { readonly tag: 'other'; readonly val: string };

export type Scheme =
  | { readonly tag: 'HTTP' }
  | { readonly tag: 'HTTPS' }
  | { readonly tag: 'other'; readonly val: string };

const BY_NAME: ReadonlyMap<string, Method> = new Map(KNOWN.map((tag) => [tag.toUpperCase(), { tag }]));

export const GET: Method = { tag: 'get' };
const HTTP: Scheme = { tag: 'HTTP' };
const HTTPS: Scheme = { tag: 'HTTPS' };

/** Methods are case-sensitive (RFC 9110 §9.1): `get` is not GET. */
export const methodOf = (name: string): Method => BY_NAME.get(name) ?? { tag: 'other', val: name };

export const methodName = (method: Method): string => (method.tag === 'other' ? method.val : method.tag.toUpperCase());

export const schemeOf = (scheme: 'http' | 'https'): Scheme => (scheme === 'http' ? HTTP : HTTPS);
