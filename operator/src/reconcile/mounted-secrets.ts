// Which Secrets the ReplicaSets of an app mount, asked of the API server when the Deployment is as planned and rolled out and
// there may be something to collect, at most twice for each rollout: Kubernetes removes old ReplicaSets a while after it.
import { APP_NAME_LABEL } from '@spindle/api';
import type { CallOptions, Clock, KubeClient, ObjectName } from '@spindle/kube';
import { oldSecrets, type Plan, type PlanInputs } from '../plan/index.ts';
import { REPLICA_SETS } from './resources.ts';

/** After the first look. */
const LOOK_AGAIN_MS = 60_000;
const MAX_LOOKS = 2;

interface Looked {
  /** Which rollout, and which Secrets there were. */
  readonly at: string;
  readonly times: number;
  readonly when: number;
}

export class MountedSecrets {
  readonly #client: Pick<KubeClient, 'list'>;
  readonly #clock: Clock;
  readonly #looked = new Map<string, Looked>();

  constructor(client: Pick<KubeClient, 'list'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  forget({ namespace, name }: ObjectName): void {
    this.#looked.delete(`${namespace}/${name}`);
  }

  /**
   * Undefined when there is nothing to collect, not yet, or nothing that was not looked at. `inputs` are of after the plan's
   * writes: before, the rollout that is seen is the one before, whose Secret is mounted.
   */
  async ofPlan(inputs: PlanInputs, plan: Plan, call: CallOptions): Promise<ReadonlySet<string> | undefined> {
    const { name, namespace = '' } = inputs.app.metadata;
    const candidates = candidatesOf(inputs, plan);
    const id = `${namespace}/${name}`;
    if (candidates.length === 0) {
      this.#looked.delete(id);
      return undefined;
    }
    const at = JSON.stringify([inputs.app.metadata.generation, plan.secret?.metadata.name, candidates.toSorted()]);
    const before = this.#looked.get(id);
    const now = this.#clock.now();
    const times = before?.at === at ? before.times : 0;
    if (times >= MAX_LOOKS || (before !== undefined && times > 0 && now - before.when < LOOK_AGAIN_MS)) {
      return undefined;
    }
    const { items } = await this.#client.list(REPLICA_SETS, {
      ...call,
      namespace,
      labelSelector: `${APP_NAME_LABEL}=${name}`,
    });
    this.#looked.set(id, { at, times: times + 1, when: now });
    return new Set(
      items.flatMap(({ spec }) =>
        (spec?.template?.spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
      ),
    );
  }

  /** When another look is due; undefined when none is. */
  nextLookMs({ namespace, name }: ObjectName): number | undefined {
    const looked = this.#looked.get(`${namespace}/${name}`);
    return looked === undefined || looked.times >= MAX_LOOKS
      ? undefined
      : Math.max(0, looked.when + LOOK_AGAIN_MS - this.#clock.now());
  }
}

/** While a rollout goes on, pods of the one before still start. */
function candidatesOf({ app: { metadata }, secrets, deployment }: PlanInputs, plan: Plan): string[] {
  const rollout = deployment?.rollout;
  const isSettled =
    rollout !== undefined &&
    rollout.observed &&
    rollout.updated >= rollout.desired &&
    rollout.total === rollout.updated;
  return isSettled && plan.deployment !== undefined
    ? oldSecrets({
        owner: { name: metadata.name, namespace: metadata.namespace ?? '', uid: metadata.uid ?? '' },
        secrets,
        mounted: new Set(),
        current: plan.secret?.metadata.name,
      }).map(({ name }) => name)
    : [];
}
