// Collects what a plan for one app is made from: stores for what is watched, the API server for contents of what the app
// refers to, and for its own objects when the stores were found to be behind.
import type { SpinApp } from '@spindle/api';
import type { CallOptions, Clock, KubeClient, ObjectName, Observed } from '@spindle/kube';
import { referencesOf, type PlanInputs, type ReferredKind, type SharedExecutors } from '../plan/index.ts';
import {
  deploymentSeen,
  keptDeployment,
  keptObject,
  objectSeen,
  type KeptDeployment,
  type KeptObject,
  type KeptSecret,
} from './kept.ts';
import type { ReferredValues, Values } from './referred-values.ts';
import { DEPLOYMENTS, SERVICES, type Deployment } from './resources.ts';
import { rfc3339 } from './time.ts';
import type { Stores } from './watches.ts';

export interface Gathered {
  readonly inputs: PlanInputs;
  readonly deployment: KeptDeployment | undefined;
  readonly service: KeptObject | undefined;
  readonly secrets: readonly KeptSecret[];
}

export interface GatherSources {
  readonly stores: Stores;
  readonly values: ReferredValues;
  readonly client: Pick<KubeClient, 'find'>;
  readonly sharedExecutors: SharedExecutors;
  readonly runtimeImage: string;
  readonly clock: Clock;
}

/** `from` is where the app's own objects are read: an object without our label is in no store. */
export async function gather(
  app: SpinApp & Observed,
  from: 'stores' | 'server',
  sources: GatherSources,
  call: CallOptions,
): Promise<Gathered> {
  const { stores, sharedExecutors, runtimeImage, clock } = sources;
  const { name, namespace = '' } = app.metadata;
  const key = { namespace, name };
  const values = await valuesOf(app, sources, call);
  const deployment = from === 'stores' ? stores.deployments.get(key) : await readDeployment(sources.client, key, call);
  const service = from === 'stores' ? stores.services.get(key) : await readService(sources.client, key, call);
  const secrets = stores.ownSecrets.by('app', `${namespace}/${name}`);
  return {
    deployment,
    service,
    secrets,
    inputs: {
      app,
      executors: stores.executors.list(namespace),
      sharedExecutors,
      runtimeImage,
      values: (kind, referred) => values.get(`${kind}/${referred}`),
      deployment: deployment === undefined ? undefined : deploymentSeen(deployment),
      service: service === undefined ? undefined : objectSeen(service),
      secrets: secrets.map(({ seen }) => seen),
      mountedSecrets: undefined,
      hasSecret: (secret) => secretVersion(stores, { namespace, name: secret }) !== undefined,
      now: rfc3339(clock.date()),
    },
  };
}

async function valuesOf(
  { spec, metadata: { namespace = '' } }: SpinApp,
  { stores, values }: GatherSources,
  call: CallOptions,
): Promise<ReadonlyMap<string, Values | undefined>> {
  const found = new Map<string, Values | undefined>();
  for (const { kind, name } of referencesOf(spec)) {
    const id = `${kind}/${name}`;
    // An empty name passes the schema; nothing has it.
    if (!found.has(id) && name !== '') {
      const object = { namespace, name };
      found.set(id, await values.get(kind, object, versionOf(stores, kind, object), call));
    }
  }
  return found;
}

const versionOf = (stores: Stores, kind: ReferredKind, name: ObjectName): string | undefined =>
  kind === 'Secret' ? secretVersion(stores, name) : stores.configMaps.get(name)?.metadata.resourceVersion;

const secretVersion = ({ ownSecrets, otherSecrets }: Stores, name: ObjectName): string | undefined =>
  (otherSecrets.get(name) ?? ownSecrets.get(name))?.metadata.resourceVersion;

async function readDeployment(
  client: GatherSources['client'],
  name: ObjectName,
  call: CallOptions,
): Promise<KeptDeployment | undefined> {
  const live = await client.find(DEPLOYMENTS, name, call);
  return live === undefined ? undefined : keptDeployment(live as Deployment & Observed);
}

async function readService(
  client: GatherSources['client'],
  name: ObjectName,
  call: CallOptions,
): Promise<KeptObject | undefined> {
  const live = await client.find(SERVICES, name, call);
  return live === undefined ? undefined : keptObject(live as Observed);
}
