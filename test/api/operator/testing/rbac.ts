// What the operator may do, and no more: each test runs it with these rights, so that a missing one is found.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { resource, type KubeClient, type KubeObject } from '@spindle/kube';
import type { TokenUser } from '../../../../hack/cluster/control-plane.ts';
import { MUTATING_NAME, VALIDATING_NAME } from './names.ts';

export const OPERATOR: TokenUser = { name: 'operator', token: 'token-of-the-operator', groups: [] };
/** Of one that runs apps of some namespaces only. */
export const NAMESPACED: TokenUser = { name: 'namespaced', token: 'token-of-the-namespaced', groups: [] };
/** Scrapes metrics. */
export const SCRAPER: TokenUser = { name: 'scraper', token: 'token-of-the-scraper', groups: [] };
export const NOBODY: TokenUser = { name: 'nobody', token: 'token-of-nobody', groups: [] };

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role extends KubeObject {
  readonly rules: readonly Rule[];
}

interface Binding extends KubeObject {
  readonly roleRef: object;
  readonly subjects: readonly object[];
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const CLUSTER_ROLES = resource<Role>({ ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false });
const CLUSTER_BINDINGS = resource<Binding>({
  ...rbac,
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
});
const BINDINGS = resource<Binding>({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true });

const READ = ['get', 'list', 'watch'];

/** Those of the chart, as they are. */
const chartRules = (name: string): readonly Rule[] =>
  parse(
    readFileSync(join(import.meta.dirname, `../../../../charts/spindle/files/rbac/${name}.yaml`), 'utf8'),
  ) as Rule[];

const CLUSTER: readonly Rule[] = [
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    resourceNames: [MUTATING_NAME, VALIDATING_NAME],
    verbs: [...READ, 'patch'],
  },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

export async function installRoles(client: KubeClient): Promise<void> {
  const roles = {
    apps: chartRules('apps'),
    // One right too few.
    'apps-without-services': chartRules('apps').map((rule) =>
      rule.resources?.includes('services') === true ? { ...rule, verbs: READ } : rule,
    ),
    own: chartRules('own'),
    cluster: CLUSTER,
    metrics: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
  };
  for (const [name, rules] of Object.entries(roles)) {
    await client.create(CLUSTER_ROLES, { metadata: { name: `spin-operator-${name}` }, rules });
  }
  const everywhere: readonly (readonly [string, TokenUser])[] = [
    ['apps', OPERATOR],
    ['cluster', OPERATOR],
    ['metrics', SCRAPER],
  ];
  for (const [role, user] of everywhere) {
    await client.create(CLUSTER_BINDINGS, { metadata: { name: `${user.name}-${role}` }, ...bound(role, user) });
  }
  for (const user of [OPERATOR, NAMESPACED]) {
    await client.create(BINDINGS, {
      metadata: { namespace: 'default', name: `${user.name}-own` },
      ...bound('own', user),
    });
  }
}

/** The namespaced one may run apps there. */
export async function allowNamespace(
  client: KubeClient,
  namespace: string,
  role: 'apps' | 'apps-without-services' = 'apps',
): Promise<void> {
  await client.create(BINDINGS, { metadata: { namespace, name: 'spin-operator' }, ...bound(role, NAMESPACED) });
}

const bound = (role: string, { name }: TokenUser): Pick<Binding, 'roleRef' | 'subjects'> => ({
  roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: `spin-operator-${role}` },
  subjects: [{ apiGroup: rbac.group, kind: 'User', name }],
});
