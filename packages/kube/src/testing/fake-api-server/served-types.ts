// The types that the fake API server serves: some that are built in, and what custom resource definitions add.
import { listAt, objectAt, textAt, valueAt, type JsonObject } from './json.ts';
import { builtInShape, customShape, type Shape } from './shape.ts';

export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** Of the selector, as text for a custom resource, as a LabelSelector for a built-in one. */
  readonly selector: readonly string[];
}

export interface ServedType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  /** Counts the changes of what is neither metadata nor status. */
  readonly hasGeneration: boolean;
  readonly isCustom: boolean;
  readonly shape: Shape;
}

/** `deployments.apps`, `pods`. */
export const resourceName = ({ group, plural }: Pick<ServedType, 'group' | 'plural'>): string =>
  group === '' ? plural : `${plural}.${group}`;
export const groupVersion = ({ group, version }: Pick<ServedType, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

const REPLICAS: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

type Options = Partial<Pick<ServedType, 'namespaced' | 'hasStatus' | 'scale' | 'hasGeneration'>>;

const builtIn = (apiVersion: string, plural: string, kind: string, options: Options = {}): ServedType => {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return {
    group,
    version,
    plural,
    kind,
    namespaced: true,
    hasStatus: false,
    scale: undefined,
    hasGeneration: false,
    isCustom: false,
    shape: builtInShape(kind),
    ...options,
  };
};

export const CRD_RESOURCE = 'customresourcedefinitions.apiextensions.k8s.io';
export const NAMESPACE_RESOURCE = 'namespaces';

export const BUILT_IN_TYPES: readonly ServedType[] = [
  builtIn('v1', 'namespaces', 'Namespace', { namespaced: false, hasStatus: true }),
  builtIn('v1', 'configmaps', 'ConfigMap'),
  builtIn('v1', 'secrets', 'Secret'),
  builtIn('v1', 'services', 'Service', { hasStatus: true }),
  builtIn('v1', 'pods', 'Pod', { hasStatus: true, hasGeneration: true }),
  builtIn('apps/v1', 'deployments', 'Deployment', { hasStatus: true, hasGeneration: true, scale: REPLICAS }),
  builtIn('apps/v1', 'replicasets', 'ReplicaSet', { hasStatus: true, hasGeneration: true, scale: REPLICAS }),
  builtIn('coordination.k8s.io/v1', 'leases', 'Lease'),
  builtIn('events.k8s.io/v1', 'events', 'Event'),
  builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    namespaced: false,
    hasStatus: true,
    hasGeneration: true,
  }),
  ...(['Mutating', 'Validating'] as const).map((what) =>
    builtIn(
      'admissionregistration.k8s.io/v1',
      `${what.toLowerCase()}webhookconfigurations`,
      `${what}WebhookConfiguration`,
      { namespaced: false, hasGeneration: true },
    ),
  ),
];

const jsonPath = (path: unknown): readonly string[] => textAt(path).split('.').slice(1);

/** One for each version that is served. */
export function customTypes(definition: JsonObject): readonly ServedType[] {
  const spec = objectAt(definition['spec']);
  const names = objectAt(spec['names']);
  return listAt(spec['versions'])
    .map(objectAt)
    .filter(({ served }) => served === true)
    .map((version) => {
      const subresources = objectAt(version['subresources']);
      const scale = objectAt(subresources['scale']);
      return {
        group: textAt(spec['group']),
        version: textAt(version['name']),
        plural: textAt(names['plural']),
        kind: textAt(names['kind']),
        namespaced: spec['scope'] === 'Namespaced',
        hasStatus: 'status' in subresources,
        scale:
          'scale' in subresources
            ? {
                spec: jsonPath(scale['specReplicasPath']),
                status: jsonPath(scale['statusReplicasPath']),
                selector: jsonPath(scale['labelSelectorPath']),
              }
            : undefined,
        hasGeneration: true,
        isCustom: true,
        shape: customShape(valueAt(version, ['schema', 'openAPIV3Schema'])),
      };
    });
}

/** As the API server answers when it has looked at the names. */
export function established(definition: JsonObject): JsonObject {
  const spec = objectAt(definition['spec']);
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: objectAt(definition['metadata'])['creationTimestamp'],
    reason,
    message,
  });
  return {
    ...definition,
    status: {
      acceptedNames: spec['names'],
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: listAt(spec['versions'])
        .map(objectAt)
        .filter(({ storage }) => storage === true)
        .map(({ name }) => name),
    },
  };
}
