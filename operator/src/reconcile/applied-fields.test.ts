import type { KubeObject, ManagedFields } from '@spindle/kube';
import { describe, expect, it } from 'vitest';
import { appliedFingerprint, intentFingerprint, ownsField } from './applied-fields.ts';

/** As the API server writes it for what is applied below. */
const FIELDS = {
  'f:metadata': {
    'f:labels': { 'f:app': {} },
    'f:ownerReferences': { 'k:{"uid":"u"}': {} },
  },
  'f:spec': {
    'f:replicas': {},
    'f:selector': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"hello"}': {
            '.': {},
            'f:env': {
              'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
              'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:valueFrom': { 'f:fieldRef': {} } },
            },
            'f:name': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:name': {} } },
            'f:resources': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} } },
            'f:securityContext': { 'f:privileged': {} },
          },
        },
        'f:volumes': { 'k:{"name":"work"}': { '.': {}, 'f:emptyDir': {}, 'f:name': {} } },
      },
    },
  },
};

const intent = (env: readonly object[] = []): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'hello',
    namespace: 'demo',
    labels: { app: 'hello' },
    ownerReferences: [{ kind: 'SpinApp', name: 'hello', uid: 'u' }],
  },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'hello' } },
    template: {
      spec: {
        containers: [
          {
            name: 'hello',
            env: [
              { name: 'A', value: '' },
              { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              ...env,
            ],
            ports: [{ containerPort: 80, name: 'http' }],
            resources: { limits: { cpu: 0.5, memory: '1024Mi' } },
            securityContext: { privileged: false },
          },
        ],
        volumes: [{ name: 'work', emptyDir: {} }],
      },
    },
  },
});

const live = (changes: { spec?: object; fields?: object; manager?: Partial<ManagedFields> } = {}): KubeObject =>
  ({
    metadata: {
      name: 'hello',
      namespace: 'demo',
      labels: { app: 'hello', theirs: 'too' },
      annotations: { theirs: 'too' },
      ownerReferences: [{ kind: 'SpinApp', name: 'hello', uid: 'u' }],
      managedFields: [
        { manager: 'kubelet', operation: 'Apply', fieldsV1: {} },
        { manager: 'spin-operator', operation: 'Apply', subresource: 'status', fieldsV1: {} },
        { manager: 'spin-operator', operation: 'Apply', fieldsV1: changes.fields ?? FIELDS, ...changes.manager },
      ],
    },
    spec: {
      replicas: 0,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'hello' } },
      template: {
        spec: {
          containers: [
            { name: 'injected', image: 'sidecar' },
            {
              name: 'hello',
              // What is empty or false is not written, though it is owned.
              env: [
                { name: 'A' },
                { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
              ],
              imagePullPolicy: 'Always',
              ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
              resources: { limits: { cpu: '500m', memory: '1Gi' } },
              securityContext: { privileged: false },
            },
          ],
          volumes: [{ name: 'work', emptyDir: {} }],
        },
      },
      ...changes.spec,
    },
  }) as unknown as KubeObject;

describe('what has been applied', () => {
  it('is what was sent, whatever the API server and others have added or written in another form', () => {
    expect(appliedFingerprint(live())).toBe(intentFingerprint(intent()));
  });

  it.each<[string, KubeObject]>([
    ['a field has another value', live({ spec: { replicas: 2 } })],
    [
      'a field was taken by somebody else',
      live({ fields: { ...FIELDS, 'f:spec': { ...FIELDS['f:spec'], 'f:replicas': undefined } } }),
    ],
    [
      'a field is owned that is not wanted any more',
      live({ fields: { ...FIELDS, 'f:spec': { ...FIELDS['f:spec'], 'f:strategy': {} } } }),
    ],
    ['an element is missing in the list', live({ spec: { template: { spec: { containers: [], volumes: [] } } } })],
  ])('is something else when %s', (_what, object) => {
    expect(appliedFingerprint(JSON.parse(JSON.stringify(object)) as KubeObject)).not.toBe(intentFingerprint(intent()));
  });

  it('is something else when more is wanted', () => {
    expect(appliedFingerprint(live())).not.toBe(intentFingerprint(intent([{ name: 'C', value: 'c' }])));
  });

  it.each<[string, Partial<ManagedFields>]>([
    ['another manager', { manager: 'kubectl' }],
    ['an update', { operation: 'Update' }],
  ])('is nothing when it is of %s', (_what, manager) => {
    expect(appliedFingerprint(live({ manager }))).toBeUndefined();
  });
});

it('whose a field is can be told', () => {
  expect(ownsField(live(), ['spec', 'replicas'])).toBe(true);
  expect(ownsField(live(), ['spec', 'paused'])).toBe(false);
  expect(ownsField(live({ manager: { manager: 'kubectl' } }), ['spec', 'replicas'])).toBe(false);
});

const withCpu = (cpu: unknown): string => intentFingerprint({ metadata: { name: 'a' }, spec: { limits: { cpu } } });

describe('amounts', () => {
  it.each([
    ['500m', 0.5],
    ['1', 1],
    ['1Gi', '1024Mi'],
    ['1k', '1e3'],
    ['1500m', '1.5'],
    ['1', '1000m'],
  ])('%s and %s are the same', (one, other) => {
    expect(withCpu(one)).toBe(withCpu(other));
  });

  it.each([
    ['1', '2'],
    ['1M', '1Mi'],
    ['lots', 'many'],
    ['1m', '1M'],
  ])('%s and %s are not', (one, other) => {
    expect(withCpu(one)).not.toBe(withCpu(other));
  });
});
