// What only the checks look at.
import { resource, type KubeObject } from '@spindle/kube';
import type { StatusCondition } from '../resources.ts';

const cluster = { namespaced: false, version: 'v1' } as const;

export const DEFINITIONS = resource<Definition>({
  ...cluster,
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
});
export const RUNTIME_CLASSES = resource<RuntimeClass>({
  ...cluster,
  group: 'node.k8s.io',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
});
export const NODES = resource<Node>({ ...cluster, group: '', plural: 'nodes', kind: 'Node' });
export const MUTATING = resource<WebhookConfiguration>({
  ...cluster,
  group: 'admissionregistration.k8s.io',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
});
export const VALIDATING = resource<WebhookConfiguration>({
  ...MUTATING,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
});
export const ENDPOINT_SLICES = resource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
});
export const ACCESS_REVIEWS = resource<AccessReview>({
  ...cluster,
  group: 'authorization.k8s.io',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
});

export interface Definition extends KubeObject {
  readonly spec?: {
    readonly versions?: readonly {
      readonly name: string;
      readonly served?: boolean;
      readonly subresources?: { readonly scale?: unknown };
      readonly schema?: {
        readonly openAPIV3Schema?: { readonly properties?: Readonly<Record<string, { readonly properties?: object }>> };
      };
    }[];
  };
  readonly status?: { readonly conditions?: readonly StatusCondition[] };
}

export interface RuntimeClass extends KubeObject {
  readonly handler?: string;
  readonly scheduling?: { readonly nodeSelector?: Readonly<Record<string, string>> };
}

export interface Node extends KubeObject {
  readonly status?: { readonly conditions?: readonly StatusCondition[] };
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly {
    readonly name: string;
    readonly failurePolicy?: string;
    readonly clientConfig: {
      readonly caBundle?: string;
      readonly url?: string;
      readonly service?: { readonly namespace: string; readonly name: string };
    };
    readonly rules?: readonly { readonly apiGroups?: readonly string[] }[];
  }[];
}

export interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[];
}

interface AccessReview extends KubeObject {
  readonly spec: { readonly resourceAttributes: object };
  readonly status?: { readonly allowed?: boolean };
}
