// What the suite needs of an API server, the fake or the real one.
import { createClient } from '../../client/kube-client.ts';
import { resource, type KubeObject } from '../../client/resource.ts';
import type { KubeClient } from '../../client/types.ts';
import type { ClusterAccess } from '../../transport/access.ts';
import { createTransport } from '../../transport/http-transport.ts';
import type { Transport } from '../../transport/types.ts';

export interface TestServer {
  readonly access: ClusterAccess;
  /** Makes versions and tokens too old, so that this fails which could be asked until now. */
  expire(ask: () => Promise<unknown>): Promise<void>;
  /** Ends as in a crash and comes again with what it has stored; of what happened before, its watches know nothing. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface Connected {
  readonly transport: Transport;
  readonly client: KubeClient;
}

export function connect(server: TestServer, fieldManager = 'suite'): Connected {
  const transport = createTransport(server.access, { userAgent: 'suite/1.0' });
  return { transport, client: createClient(transport, { fieldManager }) };
}

export interface Widget extends KubeObject {
  readonly spec?: {
    readonly size?: number;
    readonly replicas?: number;
    readonly settings?: Readonly<Record<string, string>>;
    readonly nested?: { readonly one?: string; readonly two?: string };
    readonly parts?: readonly { readonly name: string; readonly colour?: string; readonly weight?: number }[];
    readonly tags?: readonly string[];
    readonly steps?: readonly string[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly replicas?: number;
    readonly selector?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

const GROUP = 'suite.spindle.test';
export const widgets = resource<Widget>({
  group: GROUP,
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
});
export const configMaps = resource<ConfigMap>({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});
export const secrets = resource<Secret>({
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
});
const namespaces = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });
const definitions = resource<KubeObject & { readonly spec: unknown; readonly status?: unknown }>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
});

const text = { type: 'string' };
const count = { type: 'integer' };
const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: count,
        replicas: count,
        settings: { type: 'object', additionalProperties: text },
        nested: { type: 'object', properties: { one: text, two: text } },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: text, colour: text, weight: count } },
        },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
        steps: { type: 'array', items: text },
      },
    },
    status: {
      type: 'object',
      properties: {
        phase: text,
        replicas: count,
        selector: text,
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: {
            type: 'object',
            required: ['type', 'status'],
            properties: { type: text, status: text, message: text },
          },
        },
      },
    },
  },
};

/** Until a new type answers. */
const DEFINITION_DEADLINE_MS = 30_000;

export async function defineWidgets({ client }: Connected): Promise<void> {
  await client.create(definitions, {
    metadata: { name: `widgets.${GROUP}` },
    spec: {
      group: GROUP,
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
        },
      ],
    },
  });
  const end = performance.now() + DEFINITION_DEADLINE_MS;
  while ((await isServed(client)) === false && performance.now() < end) {
    await pause(50);
  }
}

async function isServed(client: KubeClient): Promise<boolean> {
  try {
    await client.list(widgets);
    // A type's first answers come before its watch can begin.
    await client.create(widgets, { metadata: { name: 'first', namespace: 'default' } });
    await client.delete(widgets, { name: 'first', namespace: 'default' });
    return true;
  } catch {
    // expected: not yet.
    return false;
  }
}

export async function newNamespace({ client }: Connected): Promise<string> {
  const { metadata } = await client.create(namespaces, { metadata: { generateName: 'suite-' } });
  return metadata.name ?? '';
}

export async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
}

/** Longer than any backoff of a watch. */
const DEADLINE_MS = 45_000;

/** Looks again and again until it is so; no test is about how long that takes. */
export async function eventually(isSo: () => boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!isSo()) {
    if (performance.now() > end) {
      throw new Error(`it has not come to be in ${DEADLINE_MS / 1000} s: ${String(isSo)}`);
    }
    await pause(5);
  }
}
