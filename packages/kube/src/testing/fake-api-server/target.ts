// Which objects a URL is about.
import type { ServedType } from './served-types.ts';

export interface Target {
  readonly type: ServedType;
  /** Empty: all, or the type has none. */
  readonly namespace: string;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: string;
}

/** `/apis/<group>/<version>[/namespaces/<namespace>]/<plural>[/<name>[/<subresource>]]` */
export function readTarget(path: string, types: Iterable<ServedType>): Target | undefined {
  const [root, ...segments] = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  const group = root === 'apis' ? segments.shift() : root === 'api' ? '' : undefined;
  const version = segments.shift();
  // A namespace itself is `/namespaces/<name>`; what has a plural after it is in one.
  const isWithin = segments[0] === 'namespaces' && segments.length > 2 && segments[2] !== 'status';
  const namespace = isWithin ? (segments[1] ?? '') : '';
  const [plural, name, subresource = ''] = isWithin ? segments.slice(2) : segments;
  for (const type of types) {
    if (type.group === group && type.version === version && type.plural === plural) {
      return type.namespaced || !isWithin ? { type, namespace, name, subresource } : undefined;
    }
  }
  return undefined;
}
