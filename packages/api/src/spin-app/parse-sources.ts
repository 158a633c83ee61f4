// Reads where values of a SpinApp come from: its variables and its runtime configuration (control-plane contract §1.2).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { flag, listOf, optional, text } from './fields.ts';
import type {
  KeyReference,
  LlmCompute,
  NamedStore,
  OptionSource,
  Quantity,
  RuntimeConfig,
  RuntimeConfigOption,
  SpinVar,
  VariableSource,
} from './types.ts';

export function parseVariable(node: DocumentNode): SpinVar {
  const table = node.table(['name', 'value', 'valueFrom']);
  return {
    name: table.required('name').string(),
    ...optional(table, 'value', text),
    ...optional(table, 'valueFrom', variableSource),
  };
}

function variableSource(node: DocumentNode): VariableSource {
  const table = node.table(['configMapKeyRef', 'secretKeyRef', 'fieldRef', 'resourceFieldRef', 'fileKeyRef']);
  return {
    ...keySources(table),
    ...optional(table, 'fieldRef', (field) => {
      const fields = field.table(['fieldPath', 'apiVersion']);
      return { fieldPath: fields.required('fieldPath').string(), ...optional(fields, 'apiVersion', text) };
    }),
    ...optional(table, 'resourceFieldRef', (field) => {
      const fields = field.table(['resource', 'containerName', 'divisor']);
      return {
        resource: fields.required('resource').string(),
        ...optional(fields, 'containerName', text),
        ...optional(fields, 'divisor', divisor),
      };
    }),
    ...optional(table, 'fileKeyRef', (field) => {
      const fields = field.table(['volumeName', 'path', 'key', 'optional']);
      return {
        volumeName: fields.required('volumeName').string(),
        path: fields.required('path').string(),
        key: fields.required('key').string(),
        ...optional(fields, 'optional', flag),
      };
    }),
  };
}

const divisor = (node: DocumentNode): Quantity => (typeof node.value === 'number' ? node.value : node.string());

const keySources = (table: DocumentTable): OptionSource => ({
  ...optional(table, 'configMapKeyRef', keyReference),
  ...optional(table, 'secretKeyRef', keyReference),
});

function keyReference(node: DocumentNode): KeyReference {
  const table = node.table(['name', 'key', 'optional']);
  return {
    name: table.get('name')?.string() ?? '',
    key: table.required('key').string(),
    ...optional(table, 'optional', flag),
  };
}

export function parseRuntimeConfig(node: DocumentNode): RuntimeConfig {
  const table = node.table(['loadFromSecret', 'sqliteDatabases', 'keyValueStores', 'llmCompute']);
  return {
    ...optional(table, 'loadFromSecret', text),
    ...optional(table, 'sqliteDatabases', listOf(namedStore)),
    ...optional(table, 'keyValueStores', listOf(namedStore)),
    ...optional(table, 'llmCompute', (field) => compute(field.table(['type', 'options']))),
  };
}

function namedStore(node: DocumentNode): NamedStore {
  const table = node.table(['name', 'type', 'options']);
  return { name: table.required('name').string(), ...compute(table) };
}

const compute = (table: DocumentTable): LlmCompute => ({
  type: table.required('type').string(),
  ...optional(table, 'options', listOf(option)),
});

function option(node: DocumentNode): RuntimeConfigOption {
  const table = node.table(['name', 'value', 'valueFrom']);
  return {
    name: table.required('name').string(),
    ...optional(table, 'value', text),
    ...optional(table, 'valueFrom', (field) => keySources(field.table(['configMapKeyRef', 'secretKeyRef']))),
  };
}
