// Reads Secrets and ConfigMaps. What a Secret holds never gets into a message.
import type { DocumentNode } from '../document/document-node.ts';
import { flag, optional, text, textMap } from './fields.ts';
import { parseMetadata } from './parse-metadata.ts';
import type { ConfigMap, Secret } from './types.ts';

export function parseSecret(node: DocumentNode): Secret {
  const table = node.table(['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData', 'immutable']);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: parseMetadata(table.required('metadata')),
    ...optional(table, 'type', text),
    ...optional(table, 'data', encodedMap),
    ...optional(table, 'stringData', secretMap),
    ...optional(table, 'immutable', flag),
  };
}

export function parseConfigMap(node: DocumentNode): ConfigMap {
  const table = node.table(['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable']);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: parseMetadata(table.required('metadata')),
    ...optional(table, 'data', textMap),
    ...optional(table, 'binaryData', encodedMap),
    ...optional(table, 'immutable', flag),
  };
}

/** What the API server would keep in `data`, decoded. */
export const secretValues = ({ data = {}, stringData = {} }: Secret): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ...Object.entries(data).map(([key, value]) => [key, Uint8Array.fromBase64(value)] as const),
    ...Object.entries(stringData).map(([key, value]) => [key, new TextEncoder().encode(value)] as const),
  ]);

function secretMap(node: DocumentNode): Record<string, string> {
  return Object.fromEntries(
    node
      .table()
      .entries()
      .map(([key, field]) => [key, secretText(field)]),
  );
}

function secretText(node: DocumentNode): string {
  if (typeof node.value !== 'string') {
    throw node.schemaError('invalid type, expected a string', { remedy: 'Put the value in quotes.' });
  }
  return node.value;
}

function encodedMap(node: DocumentNode): Record<string, string> {
  const entries = node.table().entries();
  for (const [key, field] of entries) {
    if (!isBase64(secretText(field))) {
      throw field.contentError(`the value of ${JSON.stringify(key)} is not base64`, {
        remedy: 'Encode it (`base64 -w0`); in a Secret you may write it as it is under `stringData` instead.',
      });
    }
  }
  return secretMap(node);
}

function isBase64(encoded: string): boolean {
  try {
    Uint8Array.fromBase64(encoded, { lastChunkHandling: 'strict' });
    return true;
  } catch {
    // expected: the answer is no
    return false;
  }
}
