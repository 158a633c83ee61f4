// A running operator: starts its parts in the order in which they need each other, says whether it is well, and stops them in
// the order in which nothing is lost (kube-client 20). Decides nothing about apps.
import {
  ApiError,
  createClient,
  createEventRecorder,
  createTransport,
  systemClock,
  type ClusterAccess,
  type ControllerObserver,
  type EventRecorder,
  type KubeClient,
  type ShutdownStep,
  type Transport,
  type WatchObserver,
} from '@spindle/kube';
import { hostname } from 'node:os';
import type { SharedExecutors } from '../plan/index.ts';
import { createWatches, FIELD_MANAGER, startReconciling, type Reconciling, type Watches } from '../reconcile/index.ts';
import type { Flags } from './flags.ts';
import { healthServer } from './health-server.ts';
import { startLeading, type Leading } from './leading.ts';
import { close, listen } from './listening.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics/metrics.ts';
import { VERSION } from './release.ts';
import { serveMetrics } from './serve-metrics.ts';
import { startWebhooks, type Webhooks } from './webhooks.ts';

/** A reconcile is given up after two minutes; what stands still for much longer is this process. */
const STUCK_MS = 300_000;

/** kube-client 20, and a little for each of the rest. */
const DRAIN_MS = 26_000;
const FLUSH_MS = 3000;
const RELEASE_MS = 5000;
const CLOSE_MS = 2000;

export interface OperatorOptions {
  readonly flags: Flags;
  readonly access: ClusterAccess;
  readonly sharedExecutors: SharedExecutors;
  /** Where the operator's own lease and Secret are. */
  readonly namespace: string;
  readonly log: Log;
  /** This process has to end, with 1. */
  readonly onFatal: (error: unknown, message: string) => void;
}

export class Operator {
  readonly #options: OperatorOptions;
  readonly #clock = systemClock;
  readonly #metrics = new Metrics();
  readonly #transport: Transport;
  readonly #client: KubeClient;
  readonly #watches: Watches;
  #reconciling: Reconciling | undefined;
  #events: EventRecorder | undefined;
  #leading: Leading | undefined;
  #webhooks: Webhooks | undefined;
  readonly #closers: (() => Promise<void>)[] = [];
  #isStopping = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { access, flags, log } = options;
    this.#transport = createTransport(access, {
      userAgent: `spindle-operator/${VERSION}`,
      clock: this.#clock,
      observer: this.#metrics.requests,
    });
    this.#client = createClient(this.#transport, { fieldManager: FIELD_MANAGER });
    const { namespaces } = flags;
    this.#watches = createWatches({
      client: this.#client,
      clock: this.#clock,
      room: () => this.#reconciling?.apps.room(),
      observer: (kind) => this.#watchObserver(kind),
      onHandlerError: (error) => log.error({ error }, 'change not handled'),
      ...(namespaces.length === 0 ? {} : { namespaces }),
    });
    this.#metrics.showApps(() => this.#watches.stores.apps.list());
  }

  /** Settles when it serves what it can serve without the cluster. Whatever fails later is tried again, or is fatal. */
  async start(): Promise<void> {
    const { flags, log, namespace, onFatal } = this.#options;
    await this.#serveHealth();
    this.#closers.push(
      await serveMetrics({ flags, metrics: this.#metrics, client: this.#client, clock: this.#clock, log }),
    );
    this.#watches.start();
    this.#leading = startLeading({
      flags,
      transport: this.#transport,
      client: this.#client,
      namespace,
      log,
      observer: this.#metrics.leader,
      onLost: (why) => onFatal(new Error(why), 'lease lost'),
    });
    this.#begin(this.#leading).catch((error: unknown) => {
      // expected: the process ends before it has led.
      if (!this.#isStopping) {
        onFatal(error, 'operator failed');
      }
    });
  }

  /** In their order. */
  shutdownSteps(): readonly ShutdownStep[] {
    return [
      {
        name: 'stop the watches',
        deadlineMs: CLOSE_MS,
        run: () => {
          this.#isStopping = true;
          this.#watches.stop();
        },
      },
      { name: 'drain the workers', deadlineMs: DRAIN_MS, run: async () => void (await this.#reconciling?.stop()) },
      { name: 'flush the events', deadlineMs: FLUSH_MS, run: () => this.#events?.close(FLUSH_MS) },
      { name: 'release the lease', deadlineMs: RELEASE_MS, run: () => this.#leading?.stop() },
      {
        name: 'close the sockets',
        deadlineMs: CLOSE_MS,
        run: async () => {
          await Promise.all([this.#webhooks?.stop(), ...this.#closers.map((closer) => closer())]);
          await this.#transport.close();
        },
      },
    ];
  }

  async #begin(leading: Leading): Promise<void> {
    const { log } = this.#options;
    await this.#watches.whenSynced();
    log.info({ apps: this.#watches.stores.apps.size }, 'caches synced');
    await this.#serveWebhooks();
    const client = await leading.elected;
    if (this.#isStopping) {
      return;
    }
    log.info('reconciling');
    this.#reconcile(client);
  }

  #reconcile(client: KubeClient): void {
    const { flags, log } = this.#options;
    this.#events = createEventRecorder({
      client,
      reporter: { controller: 'spinkube.dev/spin-operator', instance: hostname() },
      clock: this.#clock,
      observer: { eventDropped: (why) => this.#metrics.eventDropped(why) },
      onError: (error) => log.debug({ error }, 'event not written'),
    });
    this.#reconciling = startReconciling({
      client,
      stores: this.#watches.stores,
      events: this.#events,
      sharedExecutors: this.#options.sharedExecutors,
      runtimeImage: flags['runtime-image'],
      workers: flags['max-concurrent-reconciles'],
      clock: this.#clock,
      observer: (controller) => this.#controllerObserver(controller),
      onWritten: (key, what) => log.info({ app: `${key.namespace}/${key.name}`, what }, 'applied'),
    });
    this.#metrics.show({ name: 'spinapp', controller: this.#reconciling.apps });
    this.#metrics.show({ name: 'spinappexecutor', controller: this.#reconciling.executors });
  }

  async #serveWebhooks(): Promise<void> {
    const { flags, log, namespace, onFatal } = this.#options;
    const address = flags['webhook-bind-address'];
    if (!flags['enable-webhooks'] || address === undefined || this.#isStopping) {
      return;
    }
    const { executors } = this.#watches.stores;
    this.#webhooks = await startWebhooks({
      flags,
      address,
      client: this.#client,
      namespace,
      executors: { of: (name) => executors.list(name), shared: this.#options.sharedExecutors },
      clock: this.#clock,
      log,
      reviews: this.#metrics.reviews,
      certificateFiles: this.#metrics.certificateFiles,
      controllerObserver: this.#controllerObserver('webhookcertificates'),
      watchObserver: (kind) => this.#watchObserver(kind),
      onFatal: (error) => onFatal(error, 'webhooks not served'),
    });
  }

  async #serveHealth(): Promise<void> {
    const { flags } = this.#options;
    const address = flags['health-probe-bind-address'];
    if (address === undefined) {
      return;
    }
    const server = healthServer(
      { workers: () => this.#stuck() },
      { caches: () => this.#cachesProblem(), webhooks: () => this.#webhooksProblem() },
    );
    await listen(server, address, 'health-probe-bind-address');
    this.#closers.push(() => close(server));
  }

  #stuck(): string | undefined {
    const longest = Math.max(
      this.#reconciling?.apps.unfinishedMs().longest ?? 0,
      this.#reconciling?.executors.unfinishedMs().longest ?? 0,
    );
    return longest > STUCK_MS ? 'a reconcile does not come to its end' : undefined;
  }

  /** Standing by is as good as leading: the caches are what takes time. */
  #cachesProblem(): string | undefined {
    if (this.#isStopping) {
      return 'the operator is about to end';
    }
    if (!this.#watches.isSynced) {
      return 'not everything has been read yet';
    }
    // A server that is away comes back by itself; a role that is missing does not.
    const isForbidden = this.#watches.failures().some((error) => error instanceof ApiError && error.status === 403);
    return isForbidden ? 'the operator may not watch what it needs' : undefined;
  }

  #webhooksProblem(): string | undefined {
    if (!this.#options.flags['enable-webhooks']) {
      return undefined;
    }
    return this.#webhooks === undefined ? 'they are not served yet' : this.#webhooks.problem();
  }

  #watchObserver(kind: string): WatchObserver {
    const { log } = this.#options;
    const counted = this.#metrics.watch(kind);
    return {
      failed: (error, retryMs) => {
        counted.failed?.(error, retryMs);
        const isForbidden = error instanceof ApiError && error.status === 403;
        log[isForbidden ? 'error' : 'warn']({ kind, error, retryMs }, 'watch failed');
      },
      badLine: (excerpt) => log.warn({ kind, excerpt }, 'watch line not understood'),
      keeperFailed: (error) => log.error({ kind, error }, 'change not handled'),
    };
  }

  #controllerObserver(name: string): ControllerObserver {
    const { log } = this.#options;
    return {
      ...this.#metrics.controller(name),
      failed: ({ namespace, name: object }, error, retryMs) =>
        log.warn({ controller: name, namespace, name: object, error, retryMs }, 'reconcile failed'),
    };
  }
}
