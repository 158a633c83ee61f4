// Whether this process may write: always, or while it holds the lease (kube-client 19). Others follow the cluster meanwhile and
// are ready to take over.
import { hostname } from 'node:os';
import {
  createClient,
  fencedTransport,
  startElector,
  type KubeClient,
  type LeaderObserver,
  type Transport,
} from '@spindle/kube';
import { FIELD_MANAGER } from '../reconcile/index.ts';
import type { Flags } from './flags.ts';
import type { Log } from './log.ts';

/** Upstream's: two operators of one namespace never act at once, whoever made them (control-plane contract, Appendix B.4). */
const LEASE = '90ba2d18.spinkube.dev';

export interface Leading {
  /** Of a client that writes as long as this process may. */
  readonly elected: Promise<KubeClient>;
  readonly isElected: boolean;
  /** Gives the lease back: only when nothing writes any more. */
  stop(): Promise<void>;
}

export interface LeadingOptions {
  readonly flags: Flags;
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly namespace: string;
  readonly log: Log;
  readonly observer: LeaderObserver;
  /** Another process may act from now on: this one must end at once. */
  readonly onLost: (why: string) => void;
}

export function startLeading(options: LeadingOptions): Leading {
  const { flags, transport, client, namespace, log, observer, onLost } = options;
  if (!flags['leader-elect']) {
    return { elected: Promise.resolve(client), isElected: true, stop: () => Promise.resolve() };
  }
  const elector = startElector({
    client,
    lease: { namespace: flags['leader-elect-namespace'] || namespace, name: LEASE },
    identity: `${hostname()}_${crypto.randomUUID()}`,
    leaseDurationMs: flags['leader-elect-lease-duration'],
    renewDeadlineMs: flags['leader-elect-renew-deadline'],
    retryPeriodMs: flags['leader-elect-retry-period'],
    observer,
    onLost,
    onError: (error) => log.warn({ error }, 'lease not reached'),
  });
  observer.leadershipChanged(LEASE, false);
  let isElected = false;
  return {
    elected: elector.elected.then((leadership) => {
      isElected = true;
      return createClient(fencedTransport(transport, leadership), { fieldManager: FIELD_MANAGER });
    }),
    get isElected() {
      return isElected;
    },
    stop: () => elector.stop(),
  };
}
