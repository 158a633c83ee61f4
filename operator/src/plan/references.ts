// The ConfigMaps and Secrets that an app refers to, by what they are for.
import type { LlmCompute, SpinAppSpec } from '@spindle/api';

export type ReferredKind = 'ConfigMap' | 'Secret';

export interface Reference {
  readonly kind: ReferredKind;
  readonly name: string;
  readonly key: string;
  /** Whether the app can run without it. */
  readonly optional: boolean;
  /** Path in the SpinApp. */
  readonly field: string;
  /**
   * `option`: its value is written into the runtime configuration, so a change gives another Secret.
   * `pod`: pods read it when they start.
   */
  readonly use: 'option' | 'pod';
}

export function referencesOf(spec: SpinAppSpec): Reference[] {
  return [...optionReferences(spec), ...podReferences(spec)];
}

/** Upstream ignores `optional` here: without a value there is no configuration. */
function optionReferences({ runtimeConfig }: SpinAppSpec): Reference[] {
  if (runtimeConfig === undefined || hasOwnFile(runtimeConfig.loadFromSecret)) {
    return [];
  }
  const { keyValueStores = [], sqliteDatabases = [], llmCompute } = runtimeConfig;
  return [
    ...keyValueStores.flatMap((store, index) => ofOptions(store, `spec.runtimeConfig.keyValueStores[${index}]`)),
    ...sqliteDatabases.flatMap((store, index) => ofOptions(store, `spec.runtimeConfig.sqliteDatabases[${index}]`)),
    ...(llmCompute === undefined ? [] : ofOptions(llmCompute, 'spec.runtimeConfig.llmCompute')),
  ];
}

function ofOptions({ options = [] }: LlmCompute, field: string): Reference[] {
  return options.flatMap(({ value, valueFrom }, index) => {
    const at = `${field}.options[${index}].valueFrom`;
    return value ? [] : ofSource(valueFrom ?? {}, at, 'option').slice(0, 1);
  });
}

function podReferences({ runtimeConfig, variables = [] }: SpinAppSpec): Reference[] {
  const file = runtimeConfig?.loadFromSecret;
  return [
    ...(hasOwnFile(file)
      ? [
          {
            kind: 'Secret' as const,
            name: file,
            key: 'runtime-config.toml',
            optional: false,
            field: 'spec.runtimeConfig.loadFromSecret',
            use: 'pod' as const,
          },
        ]
      : []),
    ...variables.flatMap(({ valueFrom }, index) =>
      ofSource(valueFrom ?? {}, `spec.variables[${index}].valueFrom`, 'pod'),
    ),
  ];
}

type Source = NonNullable<NonNullable<LlmCompute['options']>[number]['valueFrom']>;

function ofSource({ configMapKeyRef, secretKeyRef }: Source, field: string, use: Reference['use']): Reference[] {
  const one = (kind: ReferredKind, reference: typeof secretKeyRef, name: string): Reference[] =>
    reference === undefined
      ? []
      : [
          {
            kind,
            name: reference.name,
            key: reference.key,
            optional: reference.optional ?? false,
            field: `${field}.${name}`,
            use,
          },
        ];
  // A ConfigMap comes first, as upstream reads them.
  return [...one('ConfigMap', configMapKeyRef, 'configMapKeyRef'), ...one('Secret', secretKeyRef, 'secretKeyRef')];
}

/** Whether the user brings a whole file. */
const hasOwnFile = (name: string | undefined): name is string => name !== undefined && name !== '';
