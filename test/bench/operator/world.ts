// Where a part of these benchmarks happens: a real API server with one namespace, and the operator beside it as its users run
// it, as a process with its own account.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SpinApp } from '@spindle/api';
import { createInformer, Store, type KubeClient, type KubeObject, type ResourceType } from '@spindle/kube';
import { startTestCluster, type TestCluster } from '../../api/operator/testing/cluster.ts';
import { startOperator, type OperatorProcess } from '../../api/operator/testing/operator-process.ts';
import { cpuMicroseconds, peakResident, processState } from '../process-figures.ts';
import { createExecutor } from './apps.ts';

export interface World {
  readonly client: KubeClient;
  readonly cluster: TestCluster;
  startOperator(...flags: string[]): Promise<OperatorProcess>;
  /** With an executor, and nothing else. */
  newNamespace(): Promise<string>;
  stop(): Promise<void>;
}

/** `apiServerFlags` are added to those of the tests. */
export async function createWorld(apiServerFlags: readonly string[] = []): Promise<World> {
  const cluster = await startTestCluster(apiServerFlags);
  const { client } = cluster;
  return {
    client,
    cluster,
    startOperator: (...flags) => startOperator({ kubeconfig: cluster.operator, flags }),
    async newNamespace() {
      const namespace = await cluster.newNamespace();
      await createExecutor(client, namespace);
      return namespace;
    },
    stop: () => cluster.stop(),
  };
}

export interface ProcessFigures {
  readonly cpuSeconds: number;
  /** Bytes. */
  readonly resident: number;
  readonly peak: number;
}

export const processFigures = ({ pid }: { readonly pid: number }): ProcessFigures => ({
  cpuSeconds: cpuMicroseconds(pid) / 1e6,
  resident: processState(pid).resident,
  peak: peakResident(pid),
});

export interface Followed<T extends KubeObject> {
  readonly store: Store<T>;
  /** Settles when so many of the objects are as wanted. */
  count(wanted: number, is: (object: T) => boolean): Promise<void>;
  stop(): void;
}

/** Follows objects of a namespace by a watch of the benchmark's own. */
export async function follow<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType<T>,
  namespace: string,
): Promise<Followed<T>> {
  const store = new Store<T>();
  const informer = createInformer<T, never>({ client, type, store, namespaces: [namespace] });
  informer.start();
  await store.whenSynced();
  return {
    store,
    async count(wanted, is) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const names = new Set<string>();
      const look = (object: T): void => {
        const { name = '' } = object.metadata;
        if (is(object)) {
          names.add(name);
        } else {
          names.delete(name);
        }
        if (names.size >= wanted) {
          resolve();
        }
      };
      const unlisten = store.listen(({ object }) => look(object));
      for (const object of store.list()) {
        look(object);
      }
      await promise;
      unlisten();
    },
    stop: () => informer.stop(),
  };
}

export interface BareWriter {
  write(app: SpinApp): void;
  /** Settles when all that were given are written; seconds of its CPU. */
  stop(): Promise<number>;
}

/** As many apps at once as the operator works on. */
const WORKERS = 8;

export async function startBareWriter({ cluster }: World): Promise<BareWriter> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'bare-writer.ts'), [
    cluster.controlPlane.kubeconfig,
    String(WORKERS),
  ]);
  await once(child, 'message');
  let given = 0;
  let written = 0;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let isLast = false;
  child.on('message', () => {
    written += 1;
    if (isLast && written === given) {
      resolve();
    }
  });
  child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the bare writer has failed'))));
  return {
    write(app) {
      given += 1;
      child.send(app);
    },
    async stop() {
      isLast = true;
      if (written === given) {
        resolve();
      }
      await ended;
      const { cpuSeconds } = processFigures({ pid: child.pid ?? 0 });
      const exited = child.exitCode === null ? once(child, 'exit') : undefined;
      child.disconnect();
      await exited;
      return cpuSeconds;
    },
  };
}
