// Looks at the pods of apps, one list at a time and few in a second: at those of an app that does not get ready, less and less
// often, and once after a rollout for what its pods run. Pods are not watched: there may be tens of thousands.
import { APP_NAME_LABEL, type SpinApp } from '@spindle/api';
import type { CallOptions, Clock, KubeClient, ObjectName } from '@spindle/kube';
import {
  eventProblem,
  imageDigestOf,
  isRolledOut,
  pinnedDigest,
  podProblem,
  silentPod,
  type DeploymentObject,
  type DeploymentSeen,
  type Plan,
  type PlanInputs,
  type PodsSeen,
  type Problem,
} from '../plan/index.ts';
import { EVENTS, PODS, REPLICA_SETS, type Pod, type EventSeen, type ReplicaSet } from './resources.ts';

/** Pods that start by themselves mostly have within that time; then 5 s, 10 s, 20 s until a minute. */
const FIRST_LOOK_MS = 5000;
const MAX_LOOK_MS = 60_000;

/** All apps together: so many looks in a second, or at once after a while without any. */
const LOOKS_PER_SECOND = 10;
const BURST = 20;

/** The first ones say what the others would. */
const MAX_PODS = 10;

/** Told too, so that no later process asks again. */
const NOT_SAID = '';

/** What is known of one rollout of one app. */
interface Known {
  /** Which rollout. */
  readonly rollout: string;
  /** When the next look is due; never when undefined. */
  dueAt: number | undefined;
  waitMs: number;
  /** Whether its turn has come among all apps'. */
  isReserved: boolean;
  problem: Problem | undefined;
  /** Undefined until it was looked for. */
  digest: string | undefined;
}

export interface PodLooksOptions {
  readonly client: Pick<KubeClient, 'list' | 'page'>;
  readonly clock: Clock;
}

export class PodLooks {
  readonly #client: PodLooksOptions['client'];
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  /** When the next look would come if all had the same distance (generic cell rate algorithm). */
  #nextAt = 0;

  constructor({ client, clock }: PodLooksOptions) {
    this.#client = client;
    this.#clock = clock;
  }

  forget(app: ObjectName): void {
    this.#known.delete(idOf(app));
  }

  /** Asks when a look is due; else says what it saw last. `inputs` are of after the plan's writes. */
  async ofPlan(inputs: PlanInputs, plan: Plan, call: CallOptions): Promise<PodsSeen> {
    const { app, deployment } = inputs;
    const id = idOf(app.metadata);
    const before = app.status?.imageDigest;
    if (deployment === undefined || plan.deployment === undefined || !deployment.rollout.observed) {
      this.#known.delete(id);
      return { problem: undefined, imageDigest: before };
    }
    const known = this.#ofRollout(id, inputs, deployment);
    if (deployment.rollout.desired === 0) {
      settle(known);
      return { problem: undefined, imageDigest: before };
    }
    if (isRolledOut(deployment.rollout)) {
      known.problem = undefined;
      return { problem: undefined, imageDigest: await this.#digest(app, plan.deployment, known, call) };
    }
    known.digest = undefined;
    known.dueAt ??= this.#clock.now() + known.waitMs;
    if (this.#isDue(known)) {
      known.problem = await this.#problem(app, deployment, call);
      this.#lookAgain(known);
    }
    return { problem: known.problem, imageDigest: before };
  }

  /** When another look is due; undefined when none is. */
  nextLookMs(app: ObjectName): number | undefined {
    const dueAt = this.#known.get(idOf(app))?.dueAt;
    return dueAt === undefined ? undefined : Math.max(0, dueAt - this.#clock.now());
  }

  #ofRollout(id: string, { app: { status, metadata } }: PlanInputs, { uid, generation }: DeploymentSeen): Known {
    const rollout = `${uid}/${generation}`;
    const before = this.#known.get(id);
    if (before?.rollout === rollout) {
      return before;
    }
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const isToldOfIt = before === undefined && status?.observedGeneration === metadata.generation;
    const isInTrouble = ready?.status === 'False' && ready.reason !== 'RollingOut';
    const isKnown = ready?.status === 'True' && status?.imageDigest !== undefined;
    const known: Known = {
      rollout,
      // What an earlier process has told is looked at before something else is told.
      dueAt: this.#clock.now() + (isToldOfIt && isInTrouble ? 0 : FIRST_LOOK_MS),
      waitMs: FIRST_LOOK_MS,
      isReserved: false,
      problem: undefined,
      digest: isToldOfIt && isKnown ? status.imageDigest : undefined,
    };
    this.#known.set(id, known);
    return known;
  }

  async #problem({ metadata }: SpinApp, deployment: DeploymentSeen, call: CallOptions): Promise<Problem | undefined> {
    return whereAnswered(undefined, call, async () => {
      const { namespace = '', name } = metadata;
      const labelSelector = `${APP_NAME_LABEL}=${name}`;
      const { items } = await this.#client.list(REPLICA_SETS, { ...call, namespace, labelSelector });
      const hash = newest(items, deployment.uid)?.metadata.labels?.[HASH_LABEL];
      if (hash === undefined) {
        return undefined;
      }
      const pods = await this.#podsBy(namespace, `${labelSelector},${HASH_LABEL}=${hash}`, call);
      return podProblem(pods) ?? (await this.#problemOfEvents(silentPod(pods), call));
    });
  }

  /** Only of pods whose image is the app's: the others fetch it themselves, and say nothing of it. */
  async #digest(
    { metadata, spec, status }: SpinApp,
    planned: DeploymentObject,
    known: Known,
    call: CallOptions,
  ): Promise<string | undefined> {
    const [container] = planned.spec.template.spec.containers;
    const pinned = pinnedDigest(spec);
    if (container?.image !== spec.image || pinned !== undefined) {
      settle(known);
      return pinned;
    }
    if (known.digest !== undefined) {
      settle(known);
      return known.digest;
    }
    if (!known.isReserved) {
      known.dueAt = this.#clock.now();
    }
    if (!this.#isDue(known)) {
      return status?.imageDigest;
    }
    // All pods are of the newest ReplicaSet now.
    const { namespace = '', name } = metadata;
    const pods = await whereAnswered(undefined, call, () => this.#podsBy(namespace, `${APP_NAME_LABEL}=${name}`, call));
    if (pods === undefined) {
      this.#lookAgain(known);
      return status?.imageDigest;
    }
    known.digest = imageDigestOf(pods, container.name) ?? NOT_SAID;
    settle(known);
    return known.digest;
  }

  #lookAgain(known: Known): void {
    known.dueAt = this.#clock.now() + known.waitMs;
    known.waitMs = Math.min(known.waitMs * 2, MAX_LOOK_MS);
  }

  async #podsBy(namespace: string, labelSelector: string, call: CallOptions): Promise<readonly Pod[]> {
    return (await this.#client.page(PODS, { ...call, namespace, labelSelector, limit: MAX_PODS })).items;
  }

  async #problemOfEvents(pod: Pod | undefined, call: CallOptions): Promise<Problem | undefined> {
    const { namespace = '', uid } = pod?.metadata ?? {};
    if (pod === undefined || uid === undefined) {
      return undefined;
    }
    const fieldSelector = `regarding.uid=${uid},type=Warning`;
    const { items } = await this.#client.list(EVENTS, { ...call, namespace, fieldSelector });
    const [last] = items.toSorted((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1));
    return last === undefined ? undefined : eventProblem(pod, { reason: last.reason ?? '', note: last.note ?? '' });
  }

  /** Takes a place in the line of all looks when its time has come. */
  #isDue(known: Known): boolean {
    const now = this.#clock.now();
    if (known.dueAt === undefined || known.dueAt > now) {
      return false;
    }
    if (!known.isReserved) {
      this.#nextAt = Math.max(this.#nextAt, now) + 1000 / LOOKS_PER_SECOND;
      known.dueAt = Math.max(now, this.#nextAt - (BURST * 1000) / LOOKS_PER_SECOND);
      known.isReserved = true;
    }
    if (known.dueAt > now) {
      return false;
    }
    known.isReserved = false;
    return true;
  }
}

type Named = { readonly namespace?: string; readonly name: string };

/** Nothing is looked for until something happens. */
function settle(known: Known): void {
  known.dueAt = undefined;
  known.waitMs = FIRST_LOOK_MS;
  known.isReserved = false;
}

const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

const revision = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0);

function newest(sets: readonly ReplicaSet[], deploymentUid: string): ReplicaSet | undefined {
  return sets
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deploymentUid) === true)
    .toSorted((one, other) => revision(other) - revision(one))[0];
}

const timeOf = ({ series, deprecatedLastTimestamp, eventTime }: EventSeen): string =>
  series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? '';

/** What pods say is worth a look, and no more: a status is told without it. */
async function whereAnswered<T>(otherwise: T, { signal }: CallOptions, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // expected: a role from before that may not see pods, or a server in trouble. The next look is due anyway.
    if (signal?.aborted === true) {
      throw error;
    }
    return otherwise;
  }
}

const idOf = ({ namespace = '', name }: Named): string => `${namespace}/${name}`;
