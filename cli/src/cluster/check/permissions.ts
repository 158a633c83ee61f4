// What whoever asks may do (SelfSubjectAccessReview): as much as the commands need.
import { API_GROUP } from '@spindle/api';
import { call, type Session } from '../session.ts';
import { failed, note, ok, type Finding } from './finding.ts';
import { ACCESS_REVIEWS } from './resources.ts';

const CHECK = 'permissions';

interface Need {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Commands that need it. */
  readonly for: string;
  /** Without it nothing can be deployed. */
  readonly isVital: boolean;
}

const apps = { group: API_GROUP, resource: 'spinapps' };

const FOR_APPS: readonly Need[] = [
  { ...apps, verb: 'get', for: 'all commands', isVital: true },
  { ...apps, verb: 'list', for: 'list', isVital: true },
  { ...apps, verb: 'create', for: 'deploy', isVital: true },
  { ...apps, verb: 'patch', for: 'deploy', isVital: true },
  { ...apps, verb: 'delete', for: 'delete', isVital: false },
  { ...apps, verb: 'patch', subresource: 'scale', for: 'scale', isVital: false },
  { group: '', resource: 'pods', verb: 'list', for: 'status, logs, connect', isVital: false },
  { group: '', resource: 'pods', subresource: 'log', verb: 'get', for: 'logs', isVital: false },
  { group: '', resource: 'pods', subresource: 'portforward', verb: 'create', for: 'connect', isVital: false },
  { group: '', resource: 'events', verb: 'list', for: 'events', isVital: false },
  { group: 'apps', resource: 'deployments', verb: 'get', for: 'status, rollback', isVital: false },
  { group: 'apps', resource: 'replicasets', verb: 'list', for: 'status, rollback', isVital: false },
];

const FOR_INSTALLATION: readonly Need[] = [
  {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    verb: 'create',
    for: 'the chart',
    isVital: true,
  },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verb: 'create', for: 'the chart', isVital: true },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    verb: 'create',
    for: 'the chart',
    isVital: true,
  },
  { group: 'apps', resource: 'deployments', verb: 'create', for: 'the chart', isVital: true },
];

export async function checkPermissions(session: Session, what: 'apps' | 'installation'): Promise<Finding[]> {
  const needs = what === 'apps' ? FOR_APPS : FOR_INSTALLATION;
  const answers = await Promise.all(needs.map(async (need) => [need, await isAllowed(session, need)] as const));
  const missing = answers.filter(([, allowed]) => !allowed).map(([need]) => need);
  const where = what === 'apps' ? ` in the namespace ${session.namespace}` : '';
  if (missing.length === 0) {
    return [ok(CHECK, `all that is needed${where}`)];
  }
  return missing.map((need) =>
    (need.isVital ? failed : note)(
      CHECK,
      `you may not ${need.verb} ${[need.resource, need.subresource].filter(Boolean).join('/')}${where}: ${need.for}`,
      'Ask for a role that allows it.',
    ),
  );
}

async function isAllowed(session: Session, { verb, group, resource, subresource }: Need): Promise<boolean> {
  const { status } = await session.client.create(
    ACCESS_REVIEWS,
    {
      metadata: {},
      spec: {
        resourceAttributes: {
          namespace: session.namespace,
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
        },
      },
    },
    call(session),
  );
  return status?.allowed === true;
}
