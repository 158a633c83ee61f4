// Brings one app to what its plan says: gathers, plans, writes what differs, looks at what came of it, and writes the status
// once. A crash between any two writes is mended by doing it all again (control-plane contract §2.2).
import type { SpinApp } from '@spindle/api';
import {
  after,
  done,
  isNotFound,
  type CallOptions,
  type EventRecorder,
  type Expectations,
  type KubeClient,
  type ObjectName,
  type Observed,
  type Outcome,
  type QueueKey,
  type WorkContext,
} from '@spindle/kube';
import { planSpinApp, type Plan, type PlanInputs } from '../plan/index.ts';
import { gather, type Gathered, type GatherSources } from './gather.ts';
import { deploymentSeen, objectSeen, type KeptDeployment, type KeptObject } from './kept.ts';
import type { MountedSecrets } from './mounted-secrets.ts';
import type { PodLooks } from './pod-looks.ts';
import { isClaimed, isTerminating, Refused } from './refusal.ts';
import { SPIN_APPS } from './resources.ts';
import { statusPatch } from './status-patch.ts';
import { occurrencesOf } from './transitions.ts';
import type { Writes } from './writes.ts';

/** Something without our label has the app's name: of its going nothing tells us. */
const FOREIGN_LOOK_MS = 30_000;

export interface SpinAppReconcilerOptions extends GatherSources {
  readonly client: KubeClient;
  readonly expectations: Expectations;
  readonly writes: Writes;
  readonly mounted: MountedSecrets;
  readonly pods: PodLooks;
  readonly events: Pick<EventRecorder, 'note'>;
  /** Something was written for the app. */
  readonly onWritten?: (key: QueueKey, what: string) => void;
}

/** What the writes of a plan have made of the app's objects. */
interface Made {
  deployment: KeptDeployment | undefined;
  service: KeptObject | undefined;
  refused: Refused | undefined;
  hasWritten: boolean;
}

export class SpinAppReconciler {
  readonly #options: SpinAppReconcilerOptions;

  constructor(options: SpinAppReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: QueueKey, { signal }: WorkContext): Promise<Outcome> {
    const app = this.#options.stores.apps.get(key);
    if (app === undefined) {
      this.#options.writes.forget(key);
      this.#options.mounted.forget(key);
      this.#options.pods.forget(key);
      return done;
    }
    if (app.metadata.deletionTimestamp !== undefined) {
      return done;
    }
    try {
      return await this.#bringAbout(app, 'stores', { signal });
    } catch (error) {
      // A look at what is mounted from which nothing came is none: the next try looks again, not in a minute.
      this.#options.mounted.forget(key);
      if (isTerminating(error)) {
        // expected: the namespace goes, and the app with it.
        return done;
      }
      if (!isClaimed(error)) {
        throw error;
      }
      // expected: an object of the app's name that no store has, being not labelled, or a store that is behind.
      return this.#bringAbout(app, 'server', { signal });
    }
  }

  async #bringAbout(app: SpinApp & Observed, from: 'stores' | 'server', call: CallOptions): Promise<Outcome> {
    const gathered = await gather(app, from, this.#options, call);
    const plan = planSpinApp(gathered.inputs);
    const made = await this.#write(gathered, plan, call);
    const written = made.hasWritten ? asMade(gathered, made) : gathered.inputs;
    const pods = await this.#options.pods.ofPlan(written, plan, call);
    const inputs = { ...written, pods };
    const isNews = made.hasWritten || pods.problem !== undefined || pods.imageDigest !== app.status?.imageDigest;
    const observed = isNews ? planSpinApp(inputs) : plan;
    await this.#tell(app, observed, call);
    if (made.refused !== undefined) {
      throw made.refused;
    }
    await this.#collect(inputs, observed, call);
    return this.#outcome(keyOf(app), from, plan);
  }

  /** Planned once more where Secrets may be collected, since what is mounted is asked of the API server only then. */
  async #collect(inputs: PlanInputs, plan: Plan, call: CallOptions): Promise<void> {
    const { mounted, writes } = this.#options;
    const mountedSecrets = await mounted.ofPlan(inputs, plan, call);
    if (mountedSecrets === undefined) {
      return;
    }
    for (const secret of planSpinApp({ ...inputs, mountedSecrets }).deleteSecrets) {
      await writes.deleteSecret(keyOf(inputs.app), secret, call);
    }
  }

  /** In an order in which each object finds what it needs; a deletion last. */
  async #write(gathered: Gathered, plan: Plan, call: CallOptions): Promise<Made> {
    const { writes } = this.#options;
    const { app } = gathered.inputs;
    const key = keyOf(app);
    const made: Made = {
      deployment: gathered.deployment,
      service: gathered.service,
      refused: undefined,
      hasWritten: false,
    };
    try {
      if (plan.secret !== undefined) {
        await writes.secret(key, app.metadata.uid ?? '', plan.secret, gathered.secrets, call);
      }
      if (plan.caSecret !== undefined) {
        await writes.caSecret(key, plan.caSecret, call);
      }
      if (plan.deployment !== undefined) {
        if (plan.handOverReplicas !== undefined) {
          await writes.handOverReplicas(key, plan.handOverReplicas, call);
        }
        const deployment = await writes.deployment(key, plan.deployment, gathered.deployment, call);
        this.#note(made, key, 'deployment', deployment);
      }
      if (plan.service !== undefined) {
        this.#note(made, key, 'service', await writes.service(key, plan.service, gathered.service, call));
      }
      if (plan.deleteDeployment !== undefined) {
        await writes.deleteDeployment(key, plan.deleteDeployment, call);
        made.deployment = undefined;
        made.hasWritten = true;
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      // expected: the user has to know, so the status comes first.
      made.refused = error;
      made.hasWritten = true;
    }
    return made;
  }

  #note<K extends 'deployment' | 'service'>(made: Made, key: QueueKey, what: K, written: Made[K]): void {
    if (written !== undefined) {
      made[what] = written;
      made.hasWritten = true;
      this.#options.onWritten?.(key, what);
    }
  }

  async #tell(app: SpinApp & Observed, plan: Plan, call: CallOptions): Promise<void> {
    const patch = statusPatch(plan.status, app.status);
    if (patch === undefined) {
      return;
    }
    const { client, expectations, stores, events } = this.#options;
    const key = keyOf(app);
    try {
      await expectations.write(key, stores.apps, key, () => client.patchStatus(SPIN_APPS, key, patch, call));
    } catch (error) {
      // expected: the app has gone meanwhile.
      if (!isNotFound(error)) {
        throw error;
      }
      return;
    }
    for (const occurrence of occurrencesOf(app, plan)) {
      events.note(occurrence);
    }
  }

  #outcome(key: Required<ObjectName>, from: 'stores' | 'server', plan: Plan): Outcome {
    const isForeign = plan.problems.some(
      ({ reason }) => reason === 'DeploymentConflict' || reason === 'ServiceConflict',
    );
    if (from === 'server' && isForeign) {
      return after(FOREIGN_LOOK_MS);
    }
    const { mounted, pods } = this.#options;
    const looksMs = [mounted.nextLookMs(key), pods.nextLookMs(key)].filter((ms) => ms !== undefined);
    return looksMs.length === 0 ? done : after(Math.min(...looksMs));
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: SpinApp): Required<ObjectName> => ({ namespace, name });

function asMade({ inputs }: Gathered, { deployment, service, refused }: Made): Gathered['inputs'] {
  return {
    ...inputs,
    deployment: deployment === undefined ? undefined : deploymentSeen(deployment),
    service: service === undefined ? undefined : objectSeen(service),
    ...(refused === undefined ? {} : { refused: refused.problem }),
  };
}
