// The YAML of `scaffold`, byte for byte upstream's where that is right (control-plane contract §5.2). Pure.
import { RUNTIME_CONFIG_KEY } from '@spindle/api';
import type { Amounts, Scaffold } from './read-flags.ts';
import { yamlQuantity, yamlScalar } from './yaml-scalar.ts';

export function manifestText(wanted: Scaffold, runtimeConfig: Buffer | undefined): string {
  const secret = `${wanted.name}-runtime-config`;
  const documents = [
    spinApp(wanted, runtimeConfig === undefined ? undefined : secret),
    ...(runtimeConfig === undefined ? [] : [secretText(secret, runtimeConfig)]),
    ...(wanted.autoscaler === undefined ? [] : [wanted.autoscaler.kind === 'hpa' ? hpa(wanted) : keda(wanted)]),
  ];
  return documents.map((lines) => lines.map((line) => `${line}\n`).join('')).join('---\n');
}

function spinApp(wanted: Scaffold, secret: string | undefined): string[] {
  const { name, image, executor, replicas, autoscaler, azureIdentity, serviceAccountName, variables, components } =
    wanted;
  return [
    'apiVersion: core.spinkube.dev/v1alpha1',
    'kind: SpinApp',
    'metadata:',
    `  name: ${yamlScalar(name)}`,
    'spec:',
    `  image: "${image}"`,
    // Empty it would be null, which the schema refuses.
    ...(executor === '' ? [] : [`  executor: ${yamlScalar(executor)}`]),
    autoscaler === undefined ? `  replicas: ${replicas}` : '  enableAutoscaling: true',
    ...(azureIdentity ? ['  podLabels:', '    azure.workload.identity/use: "true"'] : []),
    ...(serviceAccountName === '' ? [] : [`  serviceAccountName: ${yamlScalar(serviceAccountName)}`]),
    ...block(
      '  variables:',
      variables.flatMap(([variable, value]) => [
        `  - name: ${yamlScalar(variable)}`,
        `    value: ${yamlScalar(value)}`,
      ]),
    ),
    ...block(
      '  components:',
      components.map((component) => `  - ${yamlScalar(component)}`),
    ),
    ...block('  resources:', [...amounts('limits', wanted.limits), ...amounts('requests', wanted.requests)]),
    // Upstream indents these more than the lists above.
    ...block(
      '  imagePullSecrets:',
      wanted.imagePullSecrets.map((pullSecret) => `    - name: ${yamlScalar(pullSecret)}`),
    ),
    ...(secret === undefined ? [] : ['  runtimeConfig:', `    loadFromSecret: ${yamlScalar(secret)}`]),
  ];
}

const block = (head: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [head, ...lines]);

const amounts = (what: string, { cpu, memory }: Amounts): string[] =>
  block(`    ${what}:`, [
    ...(cpu === '' ? [] : [`      cpu: ${yamlQuantity(cpu)}`]),
    ...(memory === '' ? [] : [`      memory: ${yamlQuantity(memory)}`]),
  ]);

const secretText = (name: string, content: Buffer): string[] => [
  'apiVersion: v1',
  'kind: Secret',
  'metadata:',
  `  name: ${yamlScalar(name)}`,
  'type: Opaque',
  'data:',
  `  ${RUNTIME_CONFIG_KEY}: ${content.length === 0 ? '""' : content.toString('base64')}`,
];

const target = (name: string): string[] => [
  '  scaleTargetRef:',
  '    apiVersion: apps/v1',
  '    kind: Deployment',
  `    name: ${yamlScalar(name)}`,
];

const metric = (resource: string, percent: number | undefined): string[] => [
  '  - type: Resource',
  '    resource:',
  `      name: ${resource}`,
  '      target:',
  '        type: Utilization',
  `        averageUtilization: ${percent}`,
];

function hpa({ name, replicas, autoscaler }: Scaffold): string[] {
  return [
    'apiVersion: autoscaling/v2',
    'kind: HorizontalPodAutoscaler',
    'metadata:',
    `  name: ${yamlScalar(`${name}-autoscaler`)}`,
    'spec:',
    ...target(name),
    `  minReplicas: ${replicas}`,
    `  maxReplicas: ${autoscaler?.max}`,
    '  metrics:',
    ...metric('cpu', autoscaler?.cpu),
    ...metric('memory', autoscaler?.memory),
  ];
}

const trigger = (type: string, percent: number | undefined): string[] => [
  `  - type: ${type}`,
  '    metricType: Utilization',
  '    metadata:',
  `      value: "${percent}"`,
];

function keda({ name, replicas, autoscaler }: Scaffold): string[] {
  return [
    'apiVersion: keda.sh/v1alpha1',
    'kind: ScaledObject',
    'metadata:',
    `  name: ${yamlScalar(`${name}-autoscaler`)}`,
    'spec:',
    ...target(name),
    `  minReplicaCount: ${replicas}`,
    `  maxReplicaCount: ${autoscaler?.max}`,
    '  triggers:',
    ...trigger('cpu', autoscaler?.cpu),
    ...trigger('memory', autoscaler?.memory),
  ];
}
