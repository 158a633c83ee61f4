// Where one scenario happens: a namespace that nothing had before, a user who may do everything, and an operator that has
// only this namespace and speaks to the API server through the proxy.
import type { SpinAppStatus } from '@spindle/api';
import type { Intent, KubeClient, KubeObject, ResourceType } from '@spindle/kube';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EXECUTORS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
} from '../../../operator/src/reconcile/resources.ts';
import { until } from '../../api/operator/testing/cluster.ts';
import { startOperator, type OperatorProcess } from '../../api/operator/testing/operator-process.ts';

export interface WorldOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Kubeconfig by which the operator reaches the proxy. */
  readonly kubeconfig: string;
}

/** All that is compared. */
export const COMPARED: readonly ResourceType[] = [
  SPIN_APPS,
  EXECUTORS,
  DEPLOYMENTS,
  SERVICES,
  SECRETS,
  CONFIG_MAPS,
] as readonly ResourceType[];

export class World {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly #kubeconfig: string;
  #starts = 0;
  #operator: Promise<OperatorProcess> | undefined;

  constructor({ client, namespace, kubeconfig }: WorldOptions) {
    this.client = client;
    this.namespace = namespace;
    this.#kubeconfig = kubeconfig;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  async start(): Promise<void> {
    this.#starts += 1;
    this.#operator = startOperator({
      kubeconfig: this.#kubeconfig,
      flags: [`--namespaces=${this.namespace}`, '--zap-log-level=debug'],
      // Through a fault it may take a while.
      waitUntilReady: false,
    });
    await this.#operator;
  }

  /** Begins it; whether it can start is seen by those who wait for it. */
  restart(): void {
    this.start().catch(() => {
      // expected: whoever asks for the operator gets the error.
    });
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    await (await this.#operator)?.kill();
  }

  async stop(): Promise<void> {
    await (await this.#operator)?.stop();
  }

  async isReady(): Promise<boolean> {
    return (await (await this.#operator)?.isReady()) === true;
  }

  async log(): Promise<readonly string[]> {
    return (await this.#operator)?.said ?? [];
  }

  async create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    const metadata = { ...object.metadata, namespace: this.namespace };
    return this.client.create<T>(type, { ...object, metadata });
  }

  /** As that field manager. */
  async apply<T extends KubeObject>(type: ResourceType<T>, object: Intent<T>, fieldManager: string): Promise<T> {
    const metadata = { ...object.metadata, namespace: this.namespace };
    return this.client.apply<T>(type, { ...object, metadata }, { fieldManager });
  }

  /** A merge patch, as of a user. */
  async edit(type: ResourceType, name: string, patch: object): Promise<void> {
    await this.client.patch(type, { namespace: this.namespace, name }, 'merge', patch);
  }

  async remove(type: ResourceType, name: string): Promise<void> {
    await this.client.delete(type, { namespace: this.namespace, name });
  }

  /** The status is of the app as it is. */
  async untilTold(name: string): Promise<void> {
    await this.#untilStatus(name, 'told', () => true);
  }

  /** And the app is ready. */
  async untilReady(name: string): Promise<void> {
    await this.#untilStatus(name, 'ready', ({ conditions = [] }) =>
      conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
  }

  /** The operator has seen the executor. */
  async untilHeld(name: string): Promise<void> {
    await until(`${this.namespace}/${name} is held`, async () => {
      const { metadata } = await this.client.get(EXECUTORS, { namespace: this.namespace, name });
      return (metadata.finalizers?.length ?? 0) > 0;
    });
  }

  async #untilStatus(name: string, what: string, holds: (status: SpinAppStatus) => boolean): Promise<void> {
    await until(`${this.namespace}/${name} is ${what}`, async () => {
      const { metadata, status } = await this.client.get(SPIN_APPS, { namespace: this.namespace, name });
      const generation = (metadata as { readonly generation?: number }).generation;
      return status !== undefined && status.observedGeneration === generation && holds(status);
    });
  }
}
