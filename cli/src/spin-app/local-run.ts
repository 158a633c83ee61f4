// What a SpinApp means for one process on this machine: the same app, variables, stores and components as in a cluster.
// Pure: the file is read, and the app is fetched, elsewhere.
import {
  DuplicateStore,
  OptionNotBoolean,
  quantityValue,
  RUNTIME_CONFIG_KEY,
  runtimeConfigToml,
  type DocumentPath,
  type NamedStore,
  type ObjectSet,
  type Quantity,
  type RuntimeConfigOption,
  type SpinApp,
  type Written,
} from '@spindle/api';
import { parseReference, type CredentialSource } from '@spindle/oci';
import { ignoredFields } from './ignored-fields.ts';
import { ObjectValues, type Asked } from './object-values.ts';
import { pullSecrets } from './pull-secrets.ts';
import { variableEnvironment } from './variables.ts';

export interface LocalRun {
  /** OCI reference. */
  readonly image: string;
  /** All when undefined. */
  readonly components?: readonly string[];
  /** `SPIN_VARIABLE_…` */
  readonly environment: Readonly<Record<string, string>>;
  readonly runtimeConfig: { readonly file: string; readonly text: string };
  /** In bytes. */
  readonly instanceMemory?: number;
  readonly pullSecrets: readonly CredentialSource[];
  /** Lines for the user. */
  readonly warnings: readonly string[];
  /** What the file says and one process does not do. */
  readonly ignored: readonly string[];
}

export interface LocalRunOptions {
  /** The file that all is from, for messages and as the place that paths of stores are relative to. */
  readonly file: string;
  readonly given: ReadonlySet<string>;
  readonly hostname: string;
}

export function planLocalRun(app: Written<SpinApp>, objects: ObjectSet, options: LocalRunOptions): LocalRun {
  const warnings: string[] = [];
  const warn = (line: string): void => void warnings.push(line);
  const { spec } = app.object;
  const values = new ObjectValues(app, objects);
  checkImage(app);
  checkReplicas(app, warn);
  const memory = instanceMemory(app, warn);
  return {
    image: spec.image,
    ...(spec.components === undefined ? {} : { components: spec.components }),
    environment: variableEnvironment(app, { ...options, values, warn }),
    runtimeConfig: runtimeConfig(app, values, options.file),
    ...(memory === undefined ? {} : { instanceMemory: memory }),
    pullSecrets: pullSecrets(app, values, warn),
    warnings,
    ignored: [...ignoredFields(spec), ...objects.others],
  };
}

function checkImage(app: Written<SpinApp>): void {
  const { image } = app.object.spec;
  const refuse = (remedy: string, cause?: unknown): Error =>
    app.error(`${JSON.stringify(image)} is no OCI reference`, ['spec', 'image'], remedy, cause);
  // Some of them could be read as images of Docker Hub; nobody means that.
  if (/^(?:[./~]|file:)|\.(?:toml|wasm)$/.test(image)) {
    throw refuse(
      'A cluster cannot see your files: push the app with "spindle registry push", or run it as it is with "spindle up -f" and its path.',
    );
  }
  try {
    parseReference(image);
  } catch (cause) {
    throw refuse('Write [registry/]name[:tag], for example ghcr.io/me/hello:v1.', cause);
  }
}

/** The rules of the admission webhook, which have nothing to do with one process. */
function checkReplicas(app: Written<SpinApp>, warn: (line: string) => void): void {
  const { enableAutoscaling = false, replicas = 0 } = app.object.spec;
  if (enableAutoscaling && replicas !== 0) {
    warn('a cluster would refuse this SpinApp: replicas cannot be set when autoscaling is enabled');
  }
  if (!enableAutoscaling && replicas < 1) {
    warn('a cluster would refuse this SpinApp: spec.replicas must be > 0');
  }
}

/** That of an invocation, or else what the whole container may have: no memory of a component can have more. */
function instanceMemory(app: Written<SpinApp>, warn: (line: string) => void): number | undefined {
  const { invocationLimits = {}, resources = {} } = app.object.spec;
  const container = bytesOf(resources.limits?.['memory']);
  const written = Object.hasOwn(invocationLimits, 'memory') ? invocationLimits['memory'] : undefined;
  if (written === undefined) {
    return container;
  }
  const memory = bytesOf(written);
  if (memory === undefined || memory < 0) {
    throw app.error(
      `${JSON.stringify(written)} is no amount of memory`,
      ['spec', 'invocationLimits', 'memory'],
      'Write for example 128Mi or 1Gi.',
    );
  }
  const most = container ?? bytesOf(resources.requests?.['memory']);
  if (most !== undefined && memory > most) {
    warn('a cluster would refuse this SpinApp: invocationLimits.memory is more than the memory of resources');
  }
  return memory;
}

function bytesOf(quantity: Quantity | undefined): number | undefined {
  const value = quantity === undefined ? undefined : quantityValue(quantity);
  return value === undefined ? undefined : Number(value);
}

function runtimeConfig(app: Written<SpinApp>, values: ObjectValues, file: string): { file: string; text: string } {
  const config = app.object.spec.runtimeConfig;
  const path = ['spec', 'runtimeConfig'];
  const otherwise = 'Or give --runtime-config-file for this run.';
  if (config?.loadFromSecret) {
    const name = config.loadFromSecret;
    const asked = { path: [...path, 'loadFromSecret'], otherwise };
    const text = values.text('Secret', { name, key: RUNTIME_CONFIG_KEY }, asked) ?? '';
    return { file: `${file}#${name}:${RUNTIME_CONFIG_KEY}`, text };
  }
  const stores: [string, readonly NamedStore[]][] = [
    ['keyValueStores', config?.keyValueStores ?? []],
    ['sqliteDatabases', config?.sqliteDatabases ?? []],
  ];
  for (const [field, list] of stores) {
    list.forEach(({ options }, index) => checkOptions(options, [...path, field, index], values));
  }
  checkOptions(config?.llmCompute?.options, [...path, 'llmCompute'], values);
  try {
    const text = runtimeConfigToml(
      config,
      (kind, reference) => values.text(kind, reference, { path, otherwise }) ?? '',
    );
    return { file: `${file}#spec.runtimeConfig`, text };
  } catch (error) {
    if (error instanceof OptionNotBoolean) {
      throw app.error(error.message, [...path, ...error.path], 'Give it one of them.', error);
    }
    if (!(error instanceof DuplicateStore)) {
      throw error;
    }
    const field = error.what === 'key value store' ? 'keyValueStores' : 'sqliteDatabases';
    const index = (config?.[field] ?? []).findLastIndex(({ name }) => name === error.label);
    throw app.error(error.message, [...path, field, index, 'name'], 'Give each store a name of its own.', error);
  }
}

/** Finds what is missing while it is known where it was named. */
function checkOptions(
  options: readonly RuntimeConfigOption[] | undefined,
  path: DocumentPath,
  values: ObjectValues,
): void {
  for (const [index, { value, valueFrom }] of (options ?? []).entries()) {
    const at = (field: string): Asked => ({
      path: [...path, 'options', index, 'valueFrom', field],
      otherwise: 'Or write the value itself as `value`.',
    });
    if (!value && valueFrom?.configMapKeyRef !== undefined) {
      values.text('ConfigMap', valueFrom.configMapKeyRef, at('configMapKeyRef'));
    } else if (!value && valueFrom?.secretKeyRef !== undefined) {
      values.text('Secret', valueFrom.secretKeyRef, at('secretKeyRef'));
    }
  }
}
