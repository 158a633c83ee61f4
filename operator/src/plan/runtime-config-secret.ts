// The Secret with the runtime configuration of an app that brings none of its own (control-plane contract §2.4, §2.10).
import {
  DuplicateStore,
  OptionNotBoolean,
  RUNTIME_CONFIG_KEY,
  runtimeConfigSecretName,
  runtimeConfigToml,
  type KeyReference,
  type SpinAppSpec,
} from '@spindle/api';
import type { SecretObject } from './objects.ts';
import { ownerReference, ownLabels, type Owner } from './owner.ts';
import type { Problem } from './problem.ts';

/** The text under a key; undefined when there is no such key or object. */
export type ValueLookup = (kind: 'ConfigMap' | 'Secret', name: string, key: string) => string | undefined;

/** Undefined for an app that brings its own file. Every key has been looked for before. */
export function runtimeConfigSecret(
  owner: Owner,
  { runtimeConfig }: SpinAppSpec,
  lookUp: ValueLookup,
): SecretObject | Problem | undefined {
  if (runtimeConfig?.loadFromSecret) {
    return undefined;
  }
  try {
    const toml = runtimeConfigToml(runtimeConfig, (kind, { name, key }: KeyReference) => lookUp(kind, name, key) ?? '');
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: runtimeConfigSecretName(owner.name, toml),
        namespace: owner.namespace,
        labels: ownLabels(owner.name),
        ownerReferences: [ownerReference(owner)],
      },
      data: { [RUNTIME_CONFIG_KEY]: Buffer.from(toml).toString('base64') },
    };
  } catch (error) {
    if (error instanceof OptionNotBoolean) {
      const [list, ...below] = error.path;
      return {
        reason: 'RuntimeConfigInvalid',
        field: `spec.runtimeConfig.${list}${below.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`,
        message: `${error.message}. Give it one of them.`,
        kind: 'stalled',
      };
    }
    if (!(error instanceof DuplicateStore)) {
      throw error;
    }
    const list = error.what === 'key value store' ? 'keyValueStores' : 'sqliteDatabases';
    return {
      reason: 'RuntimeConfigInvalid',
      field: `spec.runtimeConfig.${list}`,
      message: `two stores are named "${error.label}". Remove one, or give it another name.`,
      kind: 'stalled',
    };
  }
}
