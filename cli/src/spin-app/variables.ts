// The variables of a SpinApp as the environment of its container (control-plane contract §2.5), as far as there is a pod
// to speak of.
import { variableEnvironmentName, variableNameProblem, type SpinApp, type SpinVar, type Written } from '@spindle/api';
import { expandReferences } from './expand.ts';
import type { Asked, ObjectValues } from './object-values.ts';
import { podField, resourceField } from './pod-fields.ts';

export interface VariableOptions {
  readonly values: ObjectValues;
  /** Those of `--variable`: they come before all else, so that theirs may be missing here. */
  readonly given: ReadonlySet<string>;
  readonly hostname: string;
  readonly warn: (line: string) => void;
}

export function variableEnvironment(app: Written<SpinApp>, options: VariableOptions): Record<string, string> {
  const environment = new Map<string, string>();
  for (const [index, variable] of (app.object.spec.variables ?? []).entries()) {
    if (options.given.has(variable.name)) {
      continue;
    }
    const asked = {
      path: ['spec', 'variables', index],
      otherwise: `Or give --variable ${variable.name}=… for this run.`,
    };
    const problem = variableNameProblem(variable.name);
    if (problem !== undefined) {
      options.warn(`no component can read the variable ${JSON.stringify(variable.name)}: ${problem}`);
    }
    const value = variableValue(app, variable, environment, { ...options, asked });
    if (value !== undefined) {
      environment.set(variableEnvironmentName(variable.name), value);
    }
  }
  return Object.fromEntries(environment);
}

function variableValue(
  app: Written<SpinApp>,
  { name, value, valueFrom }: SpinVar,
  earlier: ReadonlyMap<string, string>,
  { values, hostname, asked }: VariableOptions & { readonly asked: Asked },
): string | undefined {
  if (valueFrom === undefined) {
    return expandReferences(value ?? '', earlier);
  }
  const sources = Object.keys(valueFrom);
  if (value || sources.length !== 1) {
    throw app.error(
      `the variable ${JSON.stringify(name)} has ${value ? 'a value and a valueFrom' : `${sources.length} sources`}`,
      [...asked.path, 'valueFrom'],
      'Keep exactly one: a cluster refuses it too.',
    );
  }
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  const at = (field: string): Asked => ({ ...asked, path: [...asked.path, 'valueFrom', field] });
  if (configMapKeyRef !== undefined) {
    return values.text('ConfigMap', configMapKeyRef, at('configMapKeyRef'));
  }
  if (secretKeyRef !== undefined) {
    return values.text('Secret', secretKeyRef, at('secretKeyRef'));
  }
  const [field = ''] = sources;
  const found =
    fieldRef === undefined
      ? resourceFieldRef && resourceField(app.object, resourceFieldRef)
      : podField(app.object, fieldRef.fieldPath, { namespace: app.namespace, hostname });
  if (found === undefined) {
    const what = fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? 'a file of a volume';
    throw app.error(
      `the variable ${JSON.stringify(name)} takes its value from ${what}, which there is only in a cluster`,
      at(field).path,
      `Give --variable ${name}=… for this run.`,
    );
  }
  return found;
}
