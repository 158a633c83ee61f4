// Objects by name, as text: `namespace/name`, or the name alone for what is in no namespace. Neither has a slash.
import type { ObjectName } from '../client/resource.ts';

export const keyOf = ({ namespace, name }: ObjectName): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
