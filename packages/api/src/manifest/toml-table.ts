// Free-form tables of a manifest as plain values: what JSON can hold, so that they fit into a locked app.
import type { DocumentNode } from '../document/document-node.ts';
import type { TomlTable, TomlValue } from './types.ts';

export function toTomlTable(node: DocumentNode, except: readonly string[] = []): TomlTable {
  const entries = node
    .table()
    .entries()
    .filter(([name]) => !except.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, toTomlValue(value)]));
}

function toTomlValue(node: DocumentNode): TomlValue {
  const { value } = node;
  if (typeof value === 'string' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'bigint') {
    return node.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER); // beyond it JSON numbers lose digits
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) {
      return value;
    }
    throw node.schemaError(`invalid value: floating point \`${value}\`, expected a finite number`);
  }
  if (Array.isArray(value)) {
    return node.list().map(toTomlValue);
  }
  // smol-toml's dates print themselves as they were written, without a zone when there was none.
  return value instanceof Date ? value.toISOString() : toTomlTable(node);
}
