// The schema of SpinApp: what SpinKube's accepts, and the operator's further fields of the status
// (control-plane contract §1.2, §1.3). A manifest written for SpinKube means here what it means there.
import { conditions, OBSERVED_GENERATION } from './conditions-schema.ts';
import coreV1 from './core-v1.schema.json' with { type: 'json' };
import {
  boolean,
  int32,
  list,
  object,
  string,
  stringMap,
  type JsonSchema,
  type ValidationRule,
} from './json-schema.ts';

const { EnvVarSource, LocalObjectReference, Volume, VolumeMount } = coreV1 as unknown as Readonly<
  Record<'EnvVarSource' | 'LocalObjectReference' | 'Volume' | 'VolumeMount', JsonSchema>
>;

const described = (description: string, schema: JsonSchema): JsonSchema => ({ description, ...schema });

const QUANTITY: JsonSchema = {
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern: String.raw`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`,
  'x-kubernetes-int-or-string': true,
};

const quantities = (description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: QUANTITY,
});

const probe = (what: string): JsonSchema =>
  object(what, {
    httpGet: object(
      'The request that is sent to port 80 of the pod.',
      {
        path: string('Path of the request.'),
        httpHeaders: list(
          'Header fields of the request.',
          object('One header field.', { name: string('Name of the field.'), value: string('Value of the field.') }, [
            'name',
            'value',
          ]),
        ),
      },
      ['path'],
    ),
    initialDelaySeconds: int32('Seconds from the start of the container to the first probe.', 10),
    timeoutSeconds: int32('Seconds that an answer may take.', 1),
    periodSeconds: int32('Seconds between probes.', 10),
    successThreshold: int32('How many answers in a row make a failed probe good again.', 1),
    failureThreshold: int32('How many failures in a row make the probe fail.', 3),
  });

const keyOf = (what: string, reference: 'configMapKeyRef' | 'secretKeyRef'): JsonSchema =>
  described(`One key of a ${what} of the app's namespace.`, EnvVarSource.properties?.[reference] ?? {});

const OPTIONS = list(
  'Options of the back end, by the names of Spin’s runtime configuration.',
  object(
    'One option.',
    {
      name: string('Name of the option.'),
      value: string('Its value. A non-empty value comes before valueFrom.'),
      valueFrom: object('Where the value is kept.', {
        configMapKeyRef: keyOf('ConfigMap', 'configMapKeyRef'),
        secretKeyRef: keyOf('Secret', 'secretKeyRef'),
      }),
    },
    ['name'],
  ),
);

const namedStores = (what: string): JsonSchema =>
  list(
    what,
    object(
      'One store.',
      {
        name: string('Label by which components open the store.'),
        type: string('Type of the back end, as in Spin’s runtime configuration.'),
        options: OPTIONS,
      },
      ['name', 'type'],
    ),
  );

const AUTOSCALING: ValidationRule = {
  rule: '!(has(self.enableAutoscaling) && self.enableAutoscaling && has(self.replicas) && self.replicas != 0)',
  message: 'replicas cannot be set when autoscaling is enabled',
  fieldPath: '.replicas',
  reason: 'FieldValueInvalid',
};

const SPEC: JsonSchema = {
  ...object(
    'What runs.',
    {
      executor: string(
        'Name of a SpinAppExecutor of the namespace. When it is not given, the first one by name is used; where there is none, the operator’s own.',
      ),
      image: string('OCI reference of the application.'),
      imagePullSecrets: list('Secrets with logins of registries.', LocalObjectReference),
      checks: object('Probes of the pods.', {
        readiness: probe('Whether a pod gets requests.'),
        liveness: probe('Whether a pod is restarted.'),
      }),
      replicas: int32('How many pods run, unless they are scaled automatically.'),
      enableAutoscaling: {
        ...boolean('Whether something else sets the number of pods.'),
        default: false,
      },
      suspend: boolean('Whether no pods run, whatever else says how many there shall be.'),
      runtimeConfig: object('The runtime configuration of Spin.', {
        loadFromSecret: string(
          'Name of a Secret with the key runtime-config.toml. The other fields then mean nothing.',
        ),
        sqliteDatabases: namedStores('SQLite databases.'),
        keyValueStores: namedStores('Key-value stores.'),
        llmCompute: object(
          'Where language models run.',
          { type: string('Type of the back end, as in Spin’s runtime configuration.'), options: OPTIONS },
          ['type'],
        ),
      }),
      volumes: list('Volumes of the pods.', Volume),
      volumeMounts: list('Where volumes are mounted in the container.', VolumeMount),
      variables: list(
        'Variables of the application.',
        object(
          'One variable.',
          {
            name: string('Name of the variable in the application’s manifest.'),
            value: string('Its value.'),
            valueFrom: described('Where the value is kept.', EnvVarSource),
          },
          ['name'],
        ),
      ),
      serviceAnnotations: stringMap('Annotations of the Service.'),
      deploymentAnnotations: stringMap('Annotations of the Deployment.'),
      podAnnotations: stringMap('Annotations of the pods.'),
      podLabels: stringMap('Labels of the pods. Those of the operator come before them.'),
      resources: object('Resources of the container.', {
        limits: quantities('At most.'),
        requests: quantities('At least.'),
      }),
      components: {
        ...list('Ids of the components to run; all when it is not given.', { type: 'string' }),
        minItems: 1,
      },
      serviceAccountName: string('Service account of the pods; default when it is not given.'),
      invocationLimits: stringMap('What one call may use. The key memory is the memory of one instance, a quantity.'),
    },
    ['image'],
  ),
  'x-kubernetes-validations': [AUTOSCALING],
};

const STATUS: JsonSchema = object(
  'What became of it.',
  {
    observedGeneration: OBSERVED_GENERATION,
    conditions: conditions('Ready, Progressing, Available and Stalled.'),
    activeScheduler: string('The executor that runs the app.'),
    replicas: int32('How many pods there are.'),
    readyReplicas: int32('How many pods get requests.'),
    selector: string('Selector of the pods, for the scale subresource.'),
    deploymentName: string('Name of the Deployment.'),
    serviceName: string('Name of the Service.'),
    url: string('Where the app is reached inside the cluster.'),
    imageDigest: string(
      'Digest of the application’s image that the pods of the last complete rollout run; empty when they do not say it, absent when they fetch the application themselves by a tag.',
    ),
    lastError: string('What keeps the app from being as its spec says; empty when nothing does.'),
  },
  ['readyReplicas'],
);

/** Root of the schema: apiVersion, kind and metadata are the API server's. */
export const SPIN_APP_SCHEMA: JsonSchema = object('A Spin application that runs in the cluster.', {
  apiVersion: string('core.spinkube.dev/v1alpha1'),
  kind: string('SpinApp'),
  metadata: { type: 'object' },
  spec: SPEC,
  status: STATUS,
});
