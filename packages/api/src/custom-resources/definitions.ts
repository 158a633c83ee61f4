// The CustomResourceDefinitions, from which crds/*.yaml are generated (control-plane contract §1).
import { API_GROUP } from '../spin-app/names.ts';
import type { JsonSchema } from './json-schema.ts';
import { SPIN_APP_EXECUTOR_SCHEMA } from './spin-app-executor-schema.ts';
import { SPIN_APP_SCHEMA } from './spin-app-schema.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'string' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** Above 0: only in the wide table. */
  readonly priority?: number;
}

interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly schema: JsonSchema;
  readonly subresources: Readonly<Record<string, unknown>>;
  readonly columns: readonly PrinterColumn[];
}

const condition = (type: string, field: string): string => `.status.conditions[?(@.type=="${type}")].${field}`;

const SPIN_APP: Definition = {
  kind: 'SpinApp',
  plural: 'spinapps',
  singular: 'spinapp',
  schema: SPIN_APP_SCHEMA,
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  // The first three are SpinKube's, whose users' scripts read them by place.
  columns: [
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Pods that get requests.' },
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas', description: 'Pods that there shall be.' },
    { name: 'Executor', type: 'string', jsonPath: '.spec.executor', description: 'What runs the app.' },
    {
      name: 'Status',
      type: 'string',
      jsonPath: condition('Ready', 'reason'),
      description: 'Whether it is ready, or why not.',
    },
    { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'The application.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since it was created.' },
    {
      name: 'Deployment',
      type: 'string',
      jsonPath: '.status.deploymentName',
      description: 'Its Deployment.',
      priority: 1,
    },
    { name: 'Service', type: 'string', jsonPath: '.status.serviceName', description: 'Its Service.', priority: 1 },
    {
      name: 'URL',
      type: 'string',
      jsonPath: '.status.url',
      description: 'Where it is reached inside the cluster.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: condition('Ready', 'message'),
      description: 'Why, in words.',
      priority: 1,
    },
  ],
};

const SPIN_APP_EXECUTOR: Definition = {
  kind: 'SpinAppExecutor',
  plural: 'spinappexecutors',
  singular: 'spinappexecutor',
  schema: SPIN_APP_EXECUTOR_SCHEMA,
  subresources: { status: {} },
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: condition('Ready', 'status'),
      description: 'Whether apps can run by it.',
    },
    {
      name: 'RuntimeClass',
      type: 'string',
      jsonPath: '.spec.deploymentConfig.runtimeClassName',
      description: 'RuntimeClass of the pods.',
    },
    { name: 'Image', type: 'string', jsonPath: '.spec.deploymentConfig.spinImage', description: 'Image of the pods.' },
    {
      name: 'Message',
      type: 'string',
      jsonPath: condition('Terminating', 'message'),
      description: 'What keeps it from being deleted.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since it was created.' },
  ],
};

/** By file name, objects of apiextensions.k8s.io/v1. */
export const CUSTOM_RESOURCE_DEFINITIONS: Readonly<Record<string, unknown>> = Object.fromEntries(
  [SPIN_APP, SPIN_APP_EXECUTOR].map((definition) => [
    `${API_GROUP}_${definition.plural}.yaml`,
    customResourceDefinition(definition),
  ]),
);

function customResourceDefinition({ kind, plural, singular, schema, subresources, columns }: Definition): unknown {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: schema },
          subresources,
        },
      ],
    },
  };
}
