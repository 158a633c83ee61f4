// An operator is replaced by a newer one and, as after a bad day, by the older one again: no pod of a shim is replaced, and
// every app is still acted on (R14).
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, EXECUTORS, SECRETS, SPIN_APPS } from '../../operator/src/reconcile/resources.ts';
import type { KubeClient } from '@spindle/kube';
import { startTestCluster, until, type TestCluster } from '../api/operator/testing/cluster.ts';
import { isActedOn } from '../api/operator/testing/make.ts';
import { startOperator } from '../api/operator/testing/operator-process.ts';
import { startControllers } from './run/controllers.ts';
import {
  configured,
  database,
  elsewhere,
  ELSEWHERE,
  NODE,
  onNode,
  settings,
  shim,
  SHIM,
  spinApp,
} from './scenarios/objects.ts';
import { OLDER, olderOperator, type OlderOperator } from './upgrade/older-operator.ts';

let cluster: TestCluster;
let older: OlderOperator | undefined;
beforeAll(async () => {
  older = await olderOperator();
  cluster = await startTestCluster();
});
afterAll(async () => {
  await cluster?.stop();
  await older?.remove();
});

/** A newer operator looks again a few times. */
const QUIET_MS = 3_000;
/** Named by a flag, as another release's own image would of course be another one. */
const FLAGS = ['--runtime-image=ghcr.io/example/runtime:v1'];

const APPS = {
  plain: spinApp({ executor: SHIM }),
  configured: spinApp({ ...configured, executor: SHIM }),
  node: spinApp({ ...configured, executor: NODE }),
  scaled: { ...spinApp(), spec: { image: 'ghcr.io/example/hello:v1', executor: SHIM, enableAutoscaling: true } },
  elsewhere: spinApp({ executor: ELSEWHERE }),
};

interface Seen {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly template: unknown;
}

it('an operator is replaced by a newer one and back, and no pod of a shim with it', async () => {
  if (older === undefined) {
    throw new Error(`this checkout does not reach back to ${OLDER}: fetch its history (git fetch --unshallow)`);
  }
  const { client } = cluster;
  const namespace = await cluster.newNamespace();
  await furnish(client, namespace);
  const controllers = startControllers(client, namespace);
  const flags = [...FLAGS, `--namespaces=${namespace}`];
  const replaced = async (bin?: string): Promise<Readonly<Record<string, Seen>>> => {
    const operator = await startOperator({
      kubeconfig: cluster.operator,
      flags,
      ...(bin === undefined ? {} : { bin }),
    });
    try {
      return await deployments(client, namespace);
    } finally {
      await operator.stop();
    }
  };
  try {
    const before = await replaced(older.bin);
    expect(Object.keys(before).toSorted()).toEqual(['configured', 'node', 'plain', 'scaled']);
    const during = await replaced();
    expect(ofShims(during)).toEqual(ofShims(before));
    await client.patch(SPIN_APPS, { namespace, name: 'plain' }, 'merge', {
      spec: { image: 'ghcr.io/example/hello:v2' },
    });
    const after = await replaced();
    expect(after['plain']).toMatchObject({ uid: before['plain']?.uid, generation: 2 });
    const back = await replaced(older.bin);
    expect(ofShims(back)).toEqual(ofShims(after));
    // Pods of our own image are a release's own: one that changes them replaces them, once.
    expect(back['node']?.uid).toBe(before['node']?.uid);
    expect(back['node']?.template).toEqual(before['node']?.template);
    expect([during, after, back].map(({ node }) => node?.generation)).toEqual(
      isEqual(before['node']?.template, during['node']?.template) ? [1, 1, 1] : [2, 2, 3],
    );
  } finally {
    await controllers.stop();
  }
});

async function furnish(client: KubeClient, namespace: string): Promise<void> {
  for (const executor of [shim, onNode, elsewhere]) {
    await client.create(EXECUTORS, { ...executor, metadata: { ...executor.metadata, namespace } });
  }
  await client.create(SECRETS, { ...database, metadata: { ...database.metadata, namespace } });
  await client.create(CONFIG_MAPS, { ...settings, metadata: { ...settings.metadata, namespace } });
  for (const [name, app] of Object.entries(APPS)) {
    await client.create(SPIN_APPS, { ...app, metadata: { namespace, name } });
  }
}

/** Once every app has been acted on, and nothing more comes. */
async function deployments(client: KubeClient, namespace: string): Promise<Readonly<Record<string, Seen>>> {
  await until('every app is acted on', async () =>
    (await client.list(SPIN_APPS, { namespace })).items.every(isActedOn),
  );
  await sleep(QUIET_MS);
  const { items } = await client.list(DEPLOYMENTS, { namespace });
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [
      metadata.name,
      {
        uid: metadata.uid,
        generation: (metadata as { readonly generation?: number }).generation,
        template: (spec as { readonly template?: unknown } | undefined)?.template,
      },
    ]),
  );
}

const ofShims = ({ node: _node, ...rest }: Readonly<Record<string, Seen>>): unknown => rest;
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
