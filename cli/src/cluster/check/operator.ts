// The operator: whether one leads, and whether its pods are ready.
import { ApiError, LEASES, type Lease } from '@spindle/kube';
import { DEPLOYMENTS, type Deployment } from '../resources.ts';
import { call, type Session } from '../session.ts';
import { failed, ok, skipped, type Finding } from './finding.ts';

const CHECK = 'operator';

/** Both operators lead by this lease (control-plane contract §4.1). */
const LEASE = '90ba2d18.spinkube.dev';

/** A leader renews every two seconds; clocks of machines differ. */
const FRESH_MS = 60_000;

const NAMES = 'app.kubernetes.io/name in (spindle,spin-operator),app.kubernetes.io/component notin (runtime)';

export async function checkOperator(session: Session, now: Date): Promise<Finding[]> {
  try {
    const [leases, deployments] = await Promise.all([
      session.client.list(LEASES, { fieldSelector: `metadata.name=${LEASE}`, ...call(session) }),
      session.client.list(DEPLOYMENTS, { labelSelector: NAMES, ...call(session) }),
    ]);
    return operatorFindings(leases.items, deployments.items, now);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) {
      // expected: who may deploy apps need not see other namespaces.
      return [skipped(CHECK, 'you may not look at all namespaces')];
    }
    throw error;
  }
}

export function operatorFindings(leases: readonly Lease[], deployments: readonly Deployment[], now: Date): Finding[] {
  const leading = leases.filter(
    ({ spec }) => spec?.holderIdentity && now.getTime() - Date.parse(spec.renewTime ?? '') < FRESH_MS,
  );
  const unready = deployments.find(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1));
  const [leader] = leading;
  if (leading.length > 1) {
    return [
      failed(
        CHECK,
        `${leading.length} operators lead, in ${leading.map(({ metadata }) => metadata.namespace).join(' and ')}`,
        'Remove one: they would write the same objects.',
      ),
    ];
  }
  if (leader !== undefined) {
    const place = `${leader.metadata.namespace}, ${leader.spec?.holderIdentity} leads`;
    return unready === undefined
      ? [ok(CHECK, place)]
      : [ok(CHECK, place), failed(CHECK, unreadyText(unready), describe(unready))];
  }
  if (unready !== undefined) {
    return [failed(CHECK, unreadyText(unready), describe(unready))];
  }
  return deployments.length > 0
    ? [ok(CHECK, `${deployments[0]?.metadata.namespace}/${deployments[0]?.metadata.name} is ready`)]
    : [
        failed(
          CHECK,
          'no operator is to be seen: no lease is held, and no Deployment of one is there',
          "Install Spindle's chart. (One that runs outside of the cluster is seen when it has --leader-elect.)",
        ),
      ];
}

const unreadyText = ({ metadata: { namespace, name }, spec, status }: Deployment): string =>
  `${namespace}/${name}: ${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1} ready`;

const describe = ({ metadata: { namespace } }: Deployment): string =>
  `"kubectl get pods -n ${namespace}" and their logs say why.`;
