// Serves the admission webhooks by a certificate of its own or by one from elsewhere.
import type { Server } from 'node:https';
import { X509Certificate } from 'node:crypto';
import type { Clock, ControllerObserver, KubeClient, WatchObserver } from '@spindle/kube';
import { admissionApp, admissionServer, type KeyPair, type ReviewObserver } from '../admission/server.ts';
import type { KnownExecutors } from '../admission/review.ts';
import { findCertFiles, followCertFiles, type CertFiles, type ReadObserver } from '../certificates/cert-files.ts';
import { CertificateKeeper } from '../certificates/keeper.ts';
import type { Flags } from './flags.ts';
import type { BindAddress } from './go-flags.ts';
import { close, listen } from './listening.ts';
import type { Log } from './log.ts';

export interface Webhooks {
  /** Undefined when they can be called. */
  problem(): string | undefined;
  stop(): Promise<void>;
}

export interface WebhooksOptions {
  readonly flags: Flags;
  readonly address: BindAddress;
  readonly client: KubeClient;
  readonly namespace: string;
  readonly executors: KnownExecutors;
  readonly clock: Clock;
  readonly log: Log;
  readonly reviews: ReviewObserver;
  readonly certificateFiles: ReadObserver;
  readonly controllerObserver: ControllerObserver;
  readonly watchObserver: (kind: string) => WatchObserver;
  /** The address is taken: nothing will mend it. */
  readonly onFatal: (error: unknown) => void;
}

export async function startWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { flags, log } = options;
  const serving = new Serving(options);
  const files: CertFiles = { folder: flags['webhook-cert-dir'], cert: 'tls.crt', key: 'tls.key' };
  const given = await findCertFiles(files, options.certificateFiles);
  if (given !== undefined) {
    serving.take(given);
    const end = followCertFiles(
      files,
      (pair) => serving.take(pair),
      (error) => log.warn({ error }, 'webhook certificate not read'),
      options.certificateFiles,
    );
    return serving.webhooks(() => {
      end();
      return Promise.resolve();
    });
  }
  const keeper = new CertificateKeeper({
    client: options.client,
    secret: { namespace: options.namespace, name: flags['webhook-secret'] },
    names: servingNames(flags, options.namespace),
    configurations: {
      mutating: flags['webhook-mutating-configuration'],
      validating: flags['webhook-validating-configuration'],
    },
    clock: options.clock,
    onPair: (pair) => serving.take(pair),
    controllerObserver: options.controllerObserver,
    watchObserver: options.watchObserver,
  });
  keeper.start();
  return serving.webhooks(() => keeper.stop());
}

/** All by which a Service is called from inside of a cluster, whatever its domain. */
function servingNames(flags: Flags, namespace: string): string[] {
  const service = flags['webhook-service'];
  return [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
    `${service}.${namespace}`,
    ...flags['webhook-extra-names'],
  ];
}

class Serving {
  readonly #options: WebhooksOptions;
  #server: Server | undefined;
  #pair: KeyPair | undefined;
  #isListening = false;
  #isStopped = false;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  take(pair: KeyPair): void {
    const { log, address, executors, reviews, onFatal } = this.#options;
    if (this.#isStopped || pair.cert === this.#pair?.cert) {
      return;
    }
    this.#pair = pair;
    if (this.#server !== undefined) {
      this.#server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      log.info('webhook certificate renewed');
      return;
    }
    const server = admissionServer(admissionApp(executors, reviews), pair);
    this.#server = server;
    listen(server, address, 'webhook-bind-address').then((port) => {
      this.#isListening = true;
      log.info({ port }, 'webhooks served');
    }, onFatal);
  }

  webhooks(stop: () => Promise<void>): Webhooks {
    return {
      problem: () => this.#problem(),
      stop: async () => {
        this.#isStopped = true;
        await stop();
        if (this.#server !== undefined) {
          await close(this.#server);
        }
      },
    };
  }

  #problem(): string | undefined {
    if (this.#pair === undefined) {
      return 'there is no certificate yet';
    }
    if (!this.#isListening) {
      return 'they are not served yet';
    }
    const isOver = new X509Certificate(this.#pair.cert).validToDate <= this.#options.clock.date();
    return isOver ? 'the certificate has expired' : undefined;
  }
}
