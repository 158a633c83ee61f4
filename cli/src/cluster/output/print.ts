// Objects in the formats of -o that need nothing of their own.
import { apiVersionOf, type KubeObject, type ResourceType } from '@spindle/kube';
import type { Console } from '../../console.ts';

/** `spinapp.core.spinkube.dev/hello`, as kubectl names things. */
export const objectName = ({ kind, group }: ResourceType, name: string): string =>
  `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;

/** Without what no reader of a manifest wants, as kubectl does it. */
export function forReaders<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export const asList = (items: readonly KubeObject[]): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: items.map(forReaders),
});

export const typedObject = <T extends KubeObject>(type: ResourceType<T>, object: T): T => ({
  apiVersion: apiVersionOf(type),
  kind: type.kind,
  ...forReaders(object),
});

export async function printValue(value: unknown, format: 'json' | 'yaml', console: Console): Promise<void> {
  if (format === 'json') {
    console.out(JSON.stringify(value, null, 2));
    return;
  }
  const { stringify } = await import('yaml');
  console.out(stringify(value, { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' }).trimEnd());
}
