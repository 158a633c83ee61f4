// What is accepted and yet not what its author may think: kubectl prints each as a warning.
import type { SpinApp, SpinAppExecutorSpec } from '@spindle/api';

export function warningsOf({ spec }: SpinApp, executor: SpinAppExecutorSpec | undefined): string[] {
  const { runtimeConfig, invocationLimits = {}, components } = spec;
  const warnings: string[] = [];
  if (spec.executor && executor === undefined) {
    warnings.push(
      `spec.executor: there is no SpinAppExecutor "${spec.executor}" in the namespace yet; the app starts when it is created`,
    );
  }
  if (runtimeConfig?.loadFromSecret) {
    const ignored = (['sqliteDatabases', 'keyValueStores', 'llmCompute'] as const).filter(
      (field) => runtimeConfig[field] !== undefined,
    );
    warnings.push(...ignored.map((field) => `spec.runtimeConfig.${field}: not used, since loadFromSecret is given`));
  }
  const unknown = Object.keys(invocationLimits).filter((key) => key !== 'memory');
  warnings.push(...unknown.map((key) => `spec.invocationLimits[${key}]: not used; the only limit is memory`));
  if (components !== undefined && new Set(components).size < components.length) {
    warnings.push('spec.components: a component is named twice');
  }
  return warnings;
}
