// A few apps of one namespace that are all edited, and what is waited for: their Deployments have the image, and their status is
// of it.
import type { KubeClient } from '@spindle/kube';
import { DEPLOYMENTS, EXECUTORS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { until, type TestCluster } from '../../api/operator/testing/cluster.ts';
import { executor, isActedOn, spinApp, type LiveDeployment } from '../../api/operator/testing/make.ts';

export interface Fleet {
  readonly namespace: string;
  /** Every app gets this image, as by a user who asks again when the API server is away. */
  edit(image: string): Promise<void>;
  untilAll(image: string): Promise<void>;
}

export async function createFleet({ client, newNamespace }: TestCluster, size: number): Promise<Fleet> {
  const namespace = await newNamespace();
  await client.create(EXECUTORS, executor(namespace));
  const names = Array.from({ length: size }, (_, index) => `app-${index}`);
  await Promise.all(names.map((name) => client.create(SPIN_APPS, spinApp(namespace, name))));
  return {
    namespace,
    async edit(image) {
      await Promise.all(names.map((name) => persistently(client, { namespace, name }, image)));
    },
    async untilAll(image) {
      await until(`all apps of ${namespace} run ${image}`, async () => {
        try {
          const { items } = await client.list(DEPLOYMENTS, { namespace });
          const images = (items as LiveDeployment[]).map(({ spec }) => spec.template.spec.containers[0]?.image);
          const apps = (await client.list(SPIN_APPS, { namespace })).items;
          return images.length === size && images.every((one) => one === image) && apps.every(isActedOn);
        } catch {
          // expected: the API server is away.
          return false;
        }
      });
    },
  };
}

async function persistently(
  client: KubeClient,
  key: { readonly namespace: string; readonly name: string },
  image: string,
): Promise<void> {
  await until(`${key.name} is edited`, async () => {
    try {
      await client.patch(SPIN_APPS, key, 'merge', { spec: { image } });
      return true;
    } catch {
      // expected: the API server is away.
      return false;
    }
  });
}
