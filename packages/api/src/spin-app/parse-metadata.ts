// metadata of any object. Whatever else the API server writes there, such as managedFields, may stand there too: people
// run what `kubectl get -o yaml` has printed.
import type { DocumentNode } from '../document/document-node.ts';
import { int32, optional, text, textMap, texts } from './fields.ts';
import type { ObjectMeta } from './types.ts';

export function parseMetadata(node: DocumentNode): ObjectMeta {
  const table = node.table();
  const name = table.required('name');
  if (name.string() === '') {
    throw name.contentError('an object must have a name', { remedy: 'Write a name in lower case, such as "hello".' });
  }
  return {
    name: name.string(),
    ...optional(table, 'namespace', text),
    ...optional(table, 'labels', textMap),
    ...optional(table, 'annotations', textMap),
    ...optional(table, 'uid', text),
    ...optional(table, 'resourceVersion', text),
    ...optional(table, 'generation', int32),
    ...optional(table, 'deletionTimestamp', text),
    ...optional(table, 'finalizers', texts),
  };
}
