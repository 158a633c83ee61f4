// How values of a type are merged and owned: which lists are maps by keys or sets, which maps are one value
// (`x-kubernetes-list-type`, `-list-map-keys`, `-map-type`). What says nothing: maps are granular, lists atomic.
import { isObject, listAt, objectAt, textAt, type JsonObject } from './json.ts';

export interface Shape {
  /** Replaced as a whole. */
  readonly isAtomic?: boolean;
  /** By name; of a map with any names, `values` is each one's. */
  readonly fields?: Readonly<Record<string, Shape>>;
  readonly values?: Shape;
  /** Of a list: an item is the same one when these fields are. */
  readonly keys?: readonly string[];
  /** What a key is when an item does not say it. */
  readonly keyDefaults?: JsonObject;
  /** Of a list of scalars: an item is the same one when it is equal. */
  readonly isSet?: boolean;
  readonly items?: Shape;
}

const ATOMIC: Shape = { isAtomic: true };
const byKeys = (keys: readonly string[], fields: Shape['fields'] = {}, keyDefaults: JsonObject = {}): Shape => ({
  keys,
  keyDefaults,
  items: { fields },
});

const METADATA: Shape = {
  fields: {
    finalizers: { isSet: true },
    ownerReferences: { keys: ['uid'], items: ATOMIC },
  },
};
const TCP = { protocol: 'TCP' };
const SELECTED: Shape = { isAtomic: true };
const ENV = byKeys(['name'], {
  valueFrom: { fields: { configMapKeyRef: ATOMIC, secretKeyRef: ATOMIC, fieldRef: ATOMIC, resourceFieldRef: ATOMIC } },
});
const CONTAINERS = byKeys(['name'], {
  ports: byKeys(['containerPort', 'protocol'], {}, TCP),
  env: ENV,
  volumeMounts: byKeys(['mountPath']),
  volumeDevices: byKeys(['devicePath']),
});
const POD_SPEC: Shape = {
  fields: {
    containers: CONTAINERS,
    initContainers: CONTAINERS,
    ephemeralContainers: CONTAINERS,
    volumes: byKeys(['name']),
    imagePullSecrets: { keys: ['name'], items: ATOMIC },
    hostAliases: byKeys(['ip']),
    topologySpreadConstraints: byKeys(['topologyKey', 'whenUnsatisfiable'], { labelSelector: SELECTED }),
    nodeSelector: ATOMIC,
  },
};
const CONDITIONS = byKeys(['type']);
const POD_TEMPLATE: Shape = { fields: { metadata: METADATA, spec: POD_SPEC } };
const REPLICATED: Shape = {
  fields: {
    metadata: METADATA,
    spec: { fields: { selector: SELECTED, template: POD_TEMPLATE } },
    status: { fields: { conditions: CONDITIONS } },
  },
};

const WEBHOOKS: Shape = { fields: { metadata: METADATA, webhooks: byKeys(['name']) } };

/** Of the types that are built in, by kind. */
const BUILT_IN: Readonly<Record<string, Shape>> = {
  Deployment: REPLICATED,
  ReplicaSet: REPLICATED,
  Pod: {
    fields: {
      metadata: METADATA,
      spec: POD_SPEC,
      status: { fields: { conditions: CONDITIONS, podIPs: byKeys(['ip']) } },
    },
  },
  Service: {
    fields: {
      metadata: METADATA,
      spec: { fields: { selector: ATOMIC, ports: byKeys(['port', 'protocol'], {}, TCP) } },
      status: { fields: { conditions: CONDITIONS } },
    },
  },
  MutatingWebhookConfiguration: WEBHOOKS,
  ValidatingWebhookConfiguration: WEBHOOKS,
  CustomResourceDefinition: { fields: { metadata: METADATA, status: { fields: { conditions: CONDITIONS } } } },
};

export const builtInShape = (kind: string): Shape => BUILT_IN[kind] ?? { fields: { metadata: METADATA } };

/** Of a custom resource, by its schema. */
export const customShape = (openApiSchema: unknown): Shape => {
  const { fields = {} } = shapeOf(objectAt(openApiSchema));
  return { fields: { ...fields, metadata: METADATA } };
};

function shapeOf(schema: JsonObject): Shape {
  const listType = textAt(schema['x-kubernetes-list-type']);
  const properties = objectAt(schema['properties']);
  return {
    ...(schema['x-kubernetes-map-type'] === 'atomic' ? { isAtomic: true } : {}),
    ...(Object.keys(properties).length > 0 ? { fields: shapesOf(properties) } : {}),
    ...(isObject(schema['additionalProperties']) ? { values: shapeOf(schema['additionalProperties']) } : {}),
    ...(listType === 'map' ? { keys: listAt(schema['x-kubernetes-list-map-keys']).map(textAt) } : {}),
    ...(listType === 'set' ? { isSet: true } : {}),
    ...(isObject(schema['items']) ? { items: shapeOf(schema['items']) } : {}),
  };
}

const shapesOf = (properties: JsonObject): Readonly<Record<string, Shape>> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, shapeOf(objectAt(schema))]));
