// Many specs one after the other in a few apps that live all the while (docs of Acto: any state to any other): after each good
// one the live objects are those of the plan, to the last field; after each bad one somebody is told which field it is.
import type { SpinApp, SpinAppSpec } from '@spindle/api';
import { ApiError, resource, type KubeClient, type KubeObject } from '@spindle/kube';
import * as fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIG_HASH_ANNOTATION, planSpinApp, type Plan } from '../../../operator/src/plan/index.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EXECUTORS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
} from '../../../operator/src/reconcile/resources.ts';
import type { TestCluster } from '../../api/operator/testing/cluster.ts';
import { startControllers } from '../run/controllers.ts';
import { differences } from '../run/final-state.ts';
import { base64, database, elsewhere, onNode, settings, shim, spinApp } from '../scenarios/objects.ts';
import { invalidSpecs, type InvalidSpec } from './invalid.ts';
import { OWN_RUNTIME_CONFIG, validSpec } from './valid.ts';

export const RUNTIME_IMAGE = 'ghcr.io/example/runtime:v1';
/** Apps that walk side by side, as many as the operator has workers. */
const APPS = 8;
const DEADLINE_MS = 30_000;
const PAUSE_MS = 20;

export interface WalkOptions {
  readonly cluster: TestCluster;
  readonly valid: number;
  readonly invalid: number;
  readonly seed: number;
}

export interface Walk {
  readonly steps: number;
  /** Bad specs that the API server or a webhook has refused, and those of which a condition tells. */
  readonly refused: number;
  readonly told: number;
  /** Each with its app and its spec. */
  readonly problems: readonly string[];
  /** Secrets with the label of an app at the end. */
  readonly ownSecrets: number;
  readonly apps: number;
}

type Step = { readonly valid: SpinAppSpec } | { readonly invalid: InvalidSpec };

const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });

export async function walk({ cluster, valid, invalid, seed }: WalkOptions): Promise<Walk> {
  const { client } = cluster;
  const namespace = await cluster.newNamespace();
  const oracle = `${namespace}-oracle`;
  await client.create(NAMESPACES, { metadata: { name: oracle } });
  await furnish(client, namespace);
  const controllers = startControllers(client, namespace);
  const walkers = stepsOf(valid, invalid, seed).map(
    (steps, index) => new Walker({ client, namespace, oracle, name: `walker-${index}`, steps }),
  );
  try {
    await Promise.all(walkers.map((walker) => walker.walk()));
  } finally {
    await controllers.stop();
  }
  const { items } = await client.list(SECRETS, { namespace, labelSelector: 'core.spinkube.dev/app-name' });
  return {
    steps: walkers.reduce((sum, { steps }) => sum + steps, 0),
    refused: walkers.reduce((sum, { refused }) => sum + refused, 0),
    told: walkers.reduce((sum, { told }) => sum + told, 0),
    problems: walkers.flatMap(({ problems }) => problems),
    ownSecrets: items.length,
    apps: walkers.length,
  };
}

/** One list for each app; it ends with a good spec, so that the last mistake is mended too. */
function stepsOf(valid: number, invalid: number, seed: number): readonly (readonly Step[])[] {
  const good = fc.sample(validSpec, { numRuns: valid, seed });
  const bad = invalidSpecs(invalid, seed + 1);
  const every = Math.max(1, Math.floor(valid / Math.max(1, invalid)));
  const all = good.flatMap((spec, index): Step[] => {
    const mistake = (index + 1) % every === 0 ? bad[(index + 1) / every - 1] : undefined;
    return mistake === undefined ? [{ valid: spec }] : [{ invalid: mistake }, { valid: spec }];
  });
  const length = Math.ceil(all.length / APPS);
  return Array.from({ length: APPS }, (_, app) => all.slice(app * length, (app + 1) * length));
}

async function furnish(client: KubeClient, namespace: string): Promise<void> {
  const within = <T extends KubeObject>(object: T): T => ({ ...object, metadata: { ...object.metadata, namespace } });
  for (const executor of [shim, onNode, elsewhere]) {
    await client.create(EXECUTORS, within(executor));
  }
  await client.create(SECRETS, within(database));
  await client.create(SECRETS, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: OWN_RUNTIME_CONFIG },
    data: { 'runtime-config.toml': base64('') },
  });
  await client.create(CONFIG_MAPS, within(settings));
}

interface WalkerOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** A namespace in which nothing is, for dry runs. */
  readonly oracle: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

class Walker {
  readonly #options: WalkerOptions;
  readonly problems: string[] = [];
  refused = 0;
  told = 0;

  constructor(options: WalkerOptions) {
    this.#options = options;
  }

  get steps(): number {
    return this.#options.steps.length;
  }

  get #key(): { readonly namespace: string; readonly name: string } {
    const { namespace, name } = this.#options;
    return { namespace, name };
  }

  async walk(): Promise<void> {
    const { client, steps } = this.#options;
    await client.create(SPIN_APPS, { ...spinApp(), metadata: this.#key });
    for (const step of steps) {
      const problem = 'valid' in step ? await this.#good(step.valid) : await this.#bad(step.invalid);
      if (problem !== undefined) {
        this.problems.push(problem);
      }
    }
  }

  async #write(spec: object): Promise<void> {
    await this.#options.client.patch(SPIN_APPS, this.#key, 'json', [{ op: 'replace', path: '/spec', value: spec }]);
  }

  async #good(spec: SpinAppSpec): Promise<string | undefined> {
    const what = `${this.#options.name}: ${JSON.stringify(spec)}`;
    try {
      await this.#write(spec);
    } catch (error) {
      return `refused: ${String(error)} · ${what}`;
    }
    let found: readonly string[] = [];
    const deadline = Date.now() + DEADLINE_MS;
    do {
      const app = await this.#whenObserved(deadline);
      if (app === undefined) {
        return `not observed in time · ${what}`;
      }
      found = await this.#differences(app);
    } while (found.length > 0 && Date.now() < deadline);
    return found.length === 0 ? undefined : `${found.slice(0, 3).join('; ')} · ${what}`;
  }

  async #bad({ name, spec, field }: InvalidSpec): Promise<string | undefined> {
    const what = `${this.#options.name}: ${name}: ${JSON.stringify(spec)}`;
    try {
      await this.#write(spec);
    } catch (error) {
      if (!(error instanceof ApiError) || ![400, 403, 422].includes(error.status)) {
        return `${String(error)} · ${what}`;
      }
      this.refused += 1;
      const said = JSON.stringify([error.message, error.causes]);
      return said.includes(field) ? undefined : `refused without ${field}: ${said} · ${what}`;
    }
    this.told += 1;
    const deadline = Date.now() + DEADLINE_MS;
    let said = '';
    while (Date.now() < deadline) {
      const app = await this.#whenObserved(deadline);
      said = JSON.stringify(app?.status ?? {});
      const isStalledOrWaits = app?.status?.conditions?.some(
        ({ type, status }) => type === 'Ready' && status !== 'True',
      );
      if (isStalledOrWaits === true && said.includes(field)) {
        return undefined;
      }
      await sleep(PAUSE_MS);
    }
    return `nobody is told of ${field}: ${said} · ${what}`;
  }

  async #whenObserved(deadline: number): Promise<SpinApp | undefined> {
    while (Date.now() < deadline) {
      const app = await this.#options.client.get(SPIN_APPS, this.#key);
      if (app.status?.observedGeneration === app.metadata.generation) {
        return app;
      }
      await sleep(PAUSE_MS);
    }
    return undefined;
  }

  /** What is there, and what the API server would make of the plan where nothing was before. */
  async #differences(app: SpinApp): Promise<readonly string[]> {
    const { client, oracle } = this.#options;
    const { deployment, service, secret, problems } = planFor(app);
    const made = async <T extends KubeObject>(type: Parameters<KubeClient['create']>[0], intent: T | undefined) =>
      intent === undefined
        ? undefined
        : client.create(type, { ...intent, metadata: { ...intent.metadata, namespace: oracle } }, { dryRun: true });
    const live = await client.find(DEPLOYMENTS, this.#key);
    const expected = await made(DEPLOYMENTS, deployment as KubeObject | undefined);
    const keepsReplicas = (deployment as { spec?: { replicas?: number } } | undefined)?.spec?.replicas === undefined;
    const liveSecret =
      secret === undefined
        ? undefined
        : await client.find(SECRETS, { namespace: this.#key.namespace, name: secret.metadata.name });
    return [
      ...problems.map(({ field, message }) => `${field}: ${message}`),
      ...differences(comparable(expected, keepsReplicas), comparable(live, keepsReplicas), 'Deployment'),
      ...differences(
        comparable(await made(SERVICES, service as KubeObject | undefined), false),
        comparable(await client.find(SERVICES, this.#key), false),
        'Service',
      ),
      ...differences(secret?.data, liveSecret?.data, 'Secret'),
    ];
  }
}

const decoded = (data: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

function planFor(app: SpinApp): Plan {
  const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'Secret/db': decoded(database.data),
    [`Secret/${OWN_RUNTIME_CONFIG}`]: { 'runtime-config.toml': '' },
    'ConfigMap/cfg': settings.data ?? {},
  };
  return planSpinApp({
    app,
    executors: [shim, onNode, elsewhere],
    sharedExecutors: new Map(),
    runtimeImage: RUNTIME_IMAGE,
    values: (kind, name) => values[`${kind}/${name}`],
    deployment: undefined,
    service: undefined,
    secrets: [],
    mountedSecrets: undefined,
    hasSecret: () => true,
    now: '2026-01-01T00:00:00Z',
  });
}

/** Without what no two objects share, and lists by name in one order: what server-side apply merges keeps its place. */
function comparable(object: KubeObject | undefined, keepsReplicas: boolean): unknown {
  if (object === undefined) {
    return undefined;
  }
  const { metadata, spec } = object as KubeObject & { readonly spec?: unknown };
  const { labels, annotations, ownerReferences } = metadata as unknown as Readonly<Record<string, unknown>>;
  return JSON.parse(
    JSON.stringify({ labels, annotations, ownerReferences, spec }, (key, value: unknown) =>
      VARYING.has(key) || (keepsReplicas && key === 'replicas') || (key === 'annotations' && isEmpty(value))
        ? undefined
        : Array.isArray(value) && value.every(hasName)
          ? value.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
          : value,
    ),
  );
}

/** A first hash stands at the Deployment, a later one at the pods too. */
const VARYING = new Set(['clusterIP', 'clusterIPs', CONFIG_HASH_ANNOTATION]);

/** What server-side apply leaves of a map whose last field has gone. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).every((name) => VARYING.has(name));

const hasName = (value: unknown): boolean => typeof value === 'object' && value !== null && 'name' in value;
