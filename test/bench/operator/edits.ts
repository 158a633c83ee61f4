// From an edit of an app to its Deployment changed, among a thousand apps with ten edits a second: once as it is, once with one
// app that somebody edits a hundred times a second, and once by a client that knows of the edit and only writes, which is the
// API server's share.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpinApp } from '@spindle/api';
import type { KubeObject, ResourceType } from '@spindle/kube';
import { DEPLOYMENTS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import type { LiveDeployment } from '../../api/operator/testing/make.ts';
import { percentile } from '../stats.ts';
import { appName, createApps, isDone, planOf } from './apps.ts';
import { createWorld, follow, processFigures, type Followed, type ProcessFigures, type World } from './world.ts';

export type EditRun = 'bare client' | 'bare client, a hot app' | 'operator' | 'operator, a hot app';

export interface EditFigures {
  readonly run: EditRun;
  readonly round: number;
  readonly edits: number;
  /** Milliseconds from the sending of the edit until a watch shows the Deployment with it. */
  readonly fromSent: Percentiles;
  /** From the answer to the edit. */
  readonly fromAnswered: Percentiles;
  readonly lost: number;
  /** Edits of the hot app a second. */
  readonly hotEdits: number;
  readonly operator?: ProcessFigures;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface EditOptions {
  readonly apps: number;
  readonly perSecond: number;
  readonly hotPerSecond: number;
  readonly seconds: number;
  readonly rounds: number;
}

/** Somebody has to see it. */
const LATE_MS = 30_000;
const WARM_UP_SECONDS = 5;
/** Edits of the hot app under way at once: each that comes between another's reading and writing is done again by the server. */
const MOST_HOT = 4;

export async function edits(options: EditOptions): Promise<EditFigures[]> {
  const world = await createWorld();
  const namespace = await world.newNamespace();
  let operator = await world.startOperator();
  const figures: EditFigures[] = [];
  try {
    const apps = await follow<SpinApp>(world.client, SPIN_APPS, namespace);
    const done = apps.count(options.apps, isDone);
    await createApps(world.client, namespace, options.apps);
    await done;
    apps.stop();
    const deployments = await follow(world.client, DEPLOYMENTS as ResourceType<LiveDeployment>, namespace);
    const run = (name: EditRun, round: number): Promise<EditFigures> =>
      new Editing(world, namespace, deployments, options).run(name, round);
    await new Editing(world, namespace, deployments, { ...options, seconds: WARM_UP_SECONDS }).run('operator', -1);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const name of ['operator', 'operator, a hot app'] as const) {
        figures.push({ ...(await run(name, round)), operator: processFigures(operator) });
      }
      await operator.stop();
      for (const name of ['bare client', 'bare client, a hot app'] as const) {
        figures.push(await run(name, round));
      }
      operator = await world.startOperator();
    }
    deployments.stop();
    return figures;
  } finally {
    await operator.stop();
    await world.stop();
  }
}

class Editing {
  readonly #world: World;
  readonly #namespace: string;
  readonly #deployments: Followed<LiveDeployment>;
  readonly #options: EditOptions;

  constructor(world: World, namespace: string, deployments: Followed<LiveDeployment>, options: EditOptions) {
    this.#world = world;
    this.#namespace = namespace;
    this.#deployments = deployments;
    this.#options = options;
  }

  async run(run: EditRun, round: number): Promise<EditFigures> {
    const { apps, perSecond, hotPerSecond, seconds } = this.#options;
    const stamp = `${run.replaceAll(/\W+/g, '-')}-${round}`;
    const isHot = run.endsWith(', a hot app');
    let hotEdits = 0;
    const editHot = async (turn: number): Promise<void> => {
      await this.#edit(0, `hot-${stamp}-${turn}`);
      hotEdits += 1;
    };
    const hot = isHot ? this.#paced(hotPerSecond, seconds, editHot, MOST_HOT) : undefined;
    // Not the hot one, and one after the other over all, so that none is edited twice in short order.
    const measured = await this.#paced(perSecond, seconds, (turn) =>
      this.#measure(1 + ((turn * 7) % (apps - 1)), `v-${stamp}-${turn}`, run.startsWith('bare client')),
    );
    await hot;
    const seen = measured.filter((one) => one !== undefined);
    return {
      run,
      round,
      edits: measured.length,
      fromSent: percentiles(seen.map(({ fromSent }) => fromSent)),
      fromAnswered: percentiles(seen.map(({ fromAnswered }) => fromAnswered)),
      lost: measured.length - seen.length,
      hotEdits: hotEdits / seconds,
    };
  }

  /** So many a second, whether the ones before have come to their end or not; those for which too many have not are left out. */
  async #paced<T>(
    perSecond: number,
    seconds: number,
    act: (turn: number) => Promise<T>,
    most = Infinity,
  ): Promise<T[]> {
    const begun = performance.now();
    const acts: Promise<T>[] = [];
    let underWay = 0;
    for (let turn = 0; turn < perSecond * seconds; turn += 1) {
      await sleep(Math.max(0, begun + (turn * 1000) / perSecond - performance.now()));
      if (underWay < most) {
        underWay += 1;
        acts.push(act(turn).finally(() => (underWay -= 1)));
      }
    }
    return Promise.all(acts);
  }

  #edit(index: number, tag: string): Promise<SpinApp> {
    const name = { namespace: this.#namespace, name: appName(index) };
    return this.#world.client.patch(SPIN_APPS, name, 'merge', { spec: { image: imageOf(tag) } });
  }

  async #measure(
    index: number,
    tag: string,
    isBare: boolean,
  ): Promise<{ readonly fromSent: number; readonly fromAnswered: number } | undefined> {
    const name = appName(index);
    const { promise: seen, resolve } = Promise.withResolvers<number | undefined>();
    const unlisten = this.#deployments.store.listen(({ object: { metadata, spec } }) => {
      if (metadata.name === name && spec.template.spec.containers[0]?.image === imageOf(tag)) {
        resolve(performance.now());
      }
    });
    const timer = setTimeout(() => resolve(undefined), LATE_MS);
    const sent = performance.now();
    const app = await this.#edit(index, tag);
    const answered = performance.now();
    if (isBare) {
      await this.#apply(app);
    }
    const at = await seen;
    clearTimeout(timer);
    unlisten();
    return at === undefined ? undefined : { fromSent: at - sent, fromAnswered: at - answered };
  }

  async #apply(app: SpinApp): Promise<void> {
    const { deployment } = planOf(app, '2026-01-01T00:00:00Z');
    if (deployment !== undefined) {
      await this.#world.client.apply<KubeObject>(DEPLOYMENTS, deployment, {
        fieldManager: 'spin-operator',
        force: true,
      });
    }
  }
}

const imageOf = (tag: string): string => `ghcr.io/example/hello:${tag}`;

const percentiles = (values: readonly number[]): Percentiles => ({
  p50: percentile(values, 50),
  p90: percentile(values, 90),
  p99: percentile(values, 99),
  max: percentile(values, 100),
});
