// What belongs to an app, as the cluster has it now. What may not be read is left out: less is known then.
import { APP_NAME_LABEL } from '@spindle/api';
import { REVISION_ANNOTATION } from '../app/view.ts';
import { ApiError, type KubeObject, type ResourceType } from '@spindle/kube';
import {
  DEPLOYMENTS,
  EVENTS,
  PODS,
  REPLICA_SETS,
  type Deployment,
  type Event,
  type LiveApp,
  type Pod,
  type ReplicaSet,
} from '../resources.ts';
import { call, type Session } from '../session.ts';

export interface Children {
  readonly deployment: Deployment | undefined;
  /** That of the newest template first: after a rollback it is not the youngest. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Those of the newest ReplicaSet first. */
  readonly pods: readonly Pod[];
  /** Oldest first. */
  readonly events: readonly Event[];
}

export async function childrenOf(session: Session, app: LiveApp): Promise<Children> {
  const { namespace = session.namespace, name } = app.metadata;
  const labelled = { namespace, labelSelector: `${APP_NAME_LABEL}=${name}` };
  const [deployments, replicaSets, pods, events] = await Promise.all([
    readable(session, DEPLOYMENTS, labelled),
    readable(session, REPLICA_SETS, labelled),
    readable(session, PODS, labelled),
    readable(session, EVENTS, { namespace }),
  ]);
  const sorted = replicaSets.toSorted((one, other) => revision(other) - revision(one) || created(other) - created(one));
  const newest = sorted[0]?.metadata.name;
  const names = new Set(
    [app, ...deployments, ...replicaSets, ...pods].map(({ kind, metadata }) => `${kind}/${metadata.name}`),
  );
  names.add(`SpinApp/${name}`);
  return {
    deployment: deployments.find(({ metadata }) => metadata.name === name),
    replicaSets: sorted,
    pods: pods.toSorted((one, other) => Number(isOf(other, newest)) - Number(isOf(one, newest))),
    events: events
      .filter(({ involvedObject: { kind, name: of } = {} }) => names.has(`${kind}/${of}`))
      .toSorted((one, other) => eventTime(one) - eventTime(other)),
  };
}

export const isOf = ({ metadata: { ownerReferences = [] } }: KubeObject, owner: string | undefined): boolean =>
  ownerReferences.some(({ name }) => name === owner);

const revision = ({ metadata: { annotations = {} } }: KubeObject): number =>
  Number(annotations[REVISION_ANNOTATION]) || 0;

const created = ({ metadata: { creationTimestamp } }: KubeObject): number => Date.parse(creationTimestamp ?? '') || 0;

export const lastSeen = ({
  series,
  lastTimestamp,
  eventTime: at,
  firstTimestamp,
  metadata,
}: Event): string | undefined =>
  series?.lastObservedTime ?? lastTimestamp ?? at ?? firstTimestamp ?? metadata.creationTimestamp;

export const eventTime = (event: Event): number => Date.parse(lastSeen(event) ?? '') || 0;

async function readable<T extends KubeObject>(
  session: Session,
  type: ResourceType<T>,
  selection: { readonly namespace: string; readonly labelSelector?: string },
): Promise<readonly T[]> {
  try {
    return (await session.client.list(type, { ...selection, ...call(session) })).items;
  } catch (error) {
    // expected: who may deploy apps need not be allowed to see pods.
    if (error instanceof ApiError && error.status === 403) {
      return [];
    }
    throw error;
  }
}
