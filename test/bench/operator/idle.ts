// What the operator asks of the API server while nothing happens: counted by the API server.
import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATOR } from '../../api/operator/testing/rbac.ts';
import { createApps } from './apps.ts';
import { createAudit, type Audit, type AuditedRequest } from './audit.ts';
import { startPods, whenReady } from './pods.ts';
import { createWorld, processFigures } from './world.ts';

export interface IdleFigures {
  readonly apps: number;
  readonly minutes: number;
  /** Beyond the lease and watches. */
  readonly requests: number;
  readonly leaseRequests: number;
  readonly watches: number;
  /** `<verb> <resource>` of what was beyond. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly residentBytes: number;
}

/** So long nothing has come from the operator before the period begins. */
const QUIET_MS = 20_000;

export async function idle(apps: number, minutes: number): Promise<IdleFigures> {
  const audit = await createAudit();
  const world = await createWorld(audit.flags);
  const pods = await startPods(world);
  const operator = await world.startOperator('--leader-elect');
  try {
    const namespace = await world.newNamespace();
    await createApps(world.client, namespace, apps);
    await whenReady(world, namespace, apps);
    await untilQuiet(audit);
    const begun = Date.now();
    await sleep(minutes * 60_000);
    const asked = (await requestsOfOperator(audit)).filter(({ at }) => at >= begun);
    const beyond = asked.filter((one) => !isWatch(one) && !isLease(one));
    return {
      apps,
      minutes,
      requests: beyond.length,
      leaseRequests: asked.filter(isLease).length,
      watches: asked.filter(isWatch).length,
      kinds: Object.fromEntries(
        [...Map.groupBy(beyond, ({ verb, resource }) => `${verb} ${resource}`)].map(([kind, of]) => [kind, of.length]),
      ),
      residentBytes: processFigures(operator).resident,
    };
  } finally {
    await operator.stop();
    await pods.stop();
    await world.stop();
    await audit.remove();
  }
}

const isWatch = ({ verb }: AuditedRequest): boolean => verb === 'watch';
const isLease = ({ resource }: AuditedRequest): boolean => resource === 'leases';

const requestsOfOperator = async (audit: Audit): Promise<AuditedRequest[]> =>
  (await audit.requests()).filter(({ user }) => user === OPERATOR.name);

async function untilQuiet(audit: Audit): Promise<void> {
  for (;;) {
    await sleep(QUIET_MS / 4);
    const last = (await requestsOfOperator(audit)).findLast((one) => !isWatch(one) && !isLease(one));
    if (last === undefined || Date.now() - last.at > QUIET_MS) {
      return;
    }
  }
}
