// One example for each value of the chart: another value than the default, and what else has to be set for it to matter.
export interface Example {
  readonly value: unknown;
  /** By path. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** Accepted from values of another chart, and without effect on purpose. */
  readonly isInert?: boolean;
}

const CERT_MANAGER = { 'webhooks.certManager.enabled': true };
const DIGEST = `sha256:${'ab'.repeat(32)}`;

export const EXAMPLES: Readonly<Record<string, Example>> = {
  nameOverride: { value: 'other' },
  fullnameOverride: { value: 'mine' },
  commonLabels: { value: { team: 'platform' } },
  imagePullSecrets: { value: ['one', { name: 'two' }] },
  'crds.install': { value: false },
  'crds.keep': { value: false },
  'operator.replicas': { value: 1 },
  'operator.image.repository': { value: 'registry.example.com/spindle-operator' },
  'operator.image.tag': { value: 'v9' },
  'operator.image.digest': { value: DIGEST },
  'operator.image.pullPolicy': { value: 'Always' },
  'operator.logLevel': { value: 'debug' },
  'operator.maxConcurrentReconciles': { value: 16 },
  'operator.extraArgs': { value: ['--webhook-extra-names=example.com'] },
  'operator.extraEnv': { value: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }] },
  'operator.resources': { value: { limits: { memory: '1Gi' } } },
  'operator.podLabels': { value: { tier: 'control' } },
  'operator.podAnnotations': { value: { note: 'x' } },
  'operator.nodeSelector': { value: { pool: 'system' } },
  'operator.tolerations': { value: [{ key: 'system', operator: 'Exists' }] },
  'operator.affinity': {
    value: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'Exists' }] }],
        },
      },
    },
  },
  'operator.priorityClassName': { value: 'system-cluster-critical' },
  'operator.podDisruptionBudget.enabled': { value: false },
  'operator.podDisruptionBudget.minAvailable': { value: '50%' },
  'serviceAccount.create': { value: false, beside: { 'serviceAccount.name': 'theirs' } },
  'serviceAccount.name': { value: 'mine' },
  'serviceAccount.annotations': { value: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/r' } },
  namespaces: { value: ['shop', 'blog'] },
  'rbac.create': { value: false },
  'rbac.clusterRoles': { value: false, beside: { namespaces: ['shop'] } },
  'rbac.aggregate': { value: false },
  'runtime.image.repository': { value: 'registry.example.com/spindle' },
  'runtime.image.tag': { value: 'v9' },
  'runtime.image.digest': { value: DIGEST },
  executors: { value: { shim: { createDeployment: true, deploymentConfig: { runtimeClassName: 'spin' } } } },
  'runtimeClass.create': { value: true },
  'runtimeClass.name': { value: 'spin', beside: { 'runtimeClass.create': true } },
  'runtimeClass.handler': { value: 'spin-v2', beside: { 'runtimeClass.create': true } },
  'runtimeClass.nodeSelector': { value: { spin: 'true' }, beside: { 'runtimeClass.create': true } },
  'webhooks.enabled': { value: false },
  'webhooks.failurePolicy': { value: 'Fail' },
  'webhooks.timeoutSeconds': { value: 5 },
  'webhooks.namespaceSelector': { value: { matchLabels: { spin: 'true' } } },
  'webhooks.certManager.enabled': { value: true },
  'webhooks.certManager.issuerRef': { value: { kind: 'ClusterIssuer', name: 'ours' }, beside: CERT_MANAGER },
  'metrics.enabled': { value: false },
  'metrics.secure': { value: false },
  'metrics.port': { value: 9090 },
  'metrics.serviceMonitor.enabled': { value: true },
  'metrics.serviceMonitor.interval': { value: '1m', beside: { 'metrics.serviceMonitor.enabled': true } },
  'metrics.serviceMonitor.labels': { value: { release: 'p' }, beside: { 'metrics.serviceMonitor.enabled': true } },
  'metrics.dashboard.enabled': { value: true },
  'metrics.dashboard.labels': { value: { dashboards: 'yes' }, beside: { 'metrics.dashboard.enabled': true } },
  'metrics.rules.enabled': { value: true },
  'metrics.rules.labels': { value: { release: 'p' }, beside: { 'metrics.rules.enabled': true } },
  'networkPolicy.enabled': { value: true },
  'networkPolicy.metricsFrom': {
    value: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
    beside: { 'networkPolicy.enabled': true },
  },
  'test.enabled': { value: false },
  controllerManager: {
    value: {
      manager: {
        args: ['--leader-elect'],
        image: { repository: 'ghcr.io/spinframework/spin-operator', tag: 'v0.6.1' },
        imagePullPolicy: 'Always',
        imagePullSecrets: [{ name: 'pull' }],
      },
      replicas: 3,
      serviceAccount: { annotations: { a: 'b' } },
    },
  },
  kubernetesClusterDomain: { value: 'example.internal', beside: CERT_MANAGER },
  metricsService: { value: { type: 'ClusterIP', ports: [{ port: 8443 }] }, isInert: true },
  webhookService: { value: { type: 'ClusterIP', ports: [{ port: 443 }] }, isInert: true },
};

/** Paths to a values file. */
export function nested(values: Readonly<Record<string, unknown>>): object {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at = root;
    for (const key of keys) {
      at = (at[key] ??= {}) as Record<string, unknown>;
    }
    at[last] = value;
  }
  return root;
}
