// Leader election on a Lease: looks, takes, renews, gives back. One elector leads at most once; who has lost should end its
// process, as all it knows may be old (kube-client 19).
import type { ObjectName } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { LeaderObserver } from '../metrics.ts';
import { isAlreadyExists, isConflict } from '../transport/errors.ts';
import { Term, type Leadership } from './leadership.ts';
import { decide, held, LEASES, observe, released, type Lease, type Observation } from './lease.ts';
import { ReleaseWatch } from './release-watch.ts';

/** client-go's and upstream's: 15, 10 and 2 s. */
const LEASE_DURATION_MS = 15_000;
const RENEW_DEADLINE_MS = 10_000;
const RETRY_PERIOD_MS = 2_000;
/** client-go's JitterFactor: electors that began together do not stay together. */
const JITTER = 1.2;
/** Two tries, and the second one's answer, fit into the deadline. */
const TRIES_PER_DEADLINE = 3;
/** Giving back is a courtesy that must not hold up the end of a process. */
const RELEASE_DEADLINE_MS = 5_000;
const MAX_RELEASE_TRIES = 3;

export interface ElectorOptions {
  /** Not fenced. */
  readonly client: KubeClient;
  readonly lease: Required<ObjectName>;
  /** Of this process and no other, not even of its predecessor of the same name: `<host name>_<uuid>`. */
  readonly identity: string;
  /** All writers must stop at once: another process may lead from now on. Not called by `stop`. */
  readonly onLost: (why: string) => void;
  /** A look or a renewal has failed; there will be another. */
  readonly onError?: (error: unknown) => void;
  readonly clock?: Clock;
  /** 0 up to 1. */
  readonly random?: () => number;
  readonly observer?: LeaderObserver;
  /** How long others wait for a leader that says nothing. */
  readonly leaseDurationMs?: number;
  /** How long it writes without a renewal; shorter. */
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
}

export interface Elector {
  /** Settles when this process leads; rejects with the reason of `stop` when it never will. */
  readonly elected: Promise<Leadership>;
  /** Ends the term and gives the lease back: only when every writer has stopped. */
  stop(): Promise<void>;
}

export function startElector(options: ElectorOptions): Elector {
  return new LeaseElector(options);
}

class LeaseElector implements Elector {
  readonly elected: Promise<Leadership>;
  readonly #options: ElectorOptions;
  readonly #clock: Clock;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #elected = Promise.withResolvers<Leadership>();
  readonly #stopping = new AbortController();
  readonly #releases: ReleaseWatch;
  readonly #running: Promise<void>;
  #observation: Observation | undefined;
  #term: Term | undefined;
  #hasWritten = false;
  /** Since this round began somebody has given the lease back. */
  #isReleased = false;
  #wake: () => void = () => {};

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#leaseDurationMs = options.leaseDurationMs ?? LEASE_DURATION_MS;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? RENEW_DEADLINE_MS;
    this.#retryPeriodMs = options.retryPeriodMs ?? RETRY_PERIOD_MS;
    if (!(this.#retryPeriodMs < this.#renewDeadlineMs && this.#renewDeadlineMs < this.#leaseDurationMs)) {
      throw new RangeError('the retry period must be shorter than the renew deadline, and that than the lease');
    }
    this.#releases = new ReleaseWatch(options.client, options.lease, () => {
      this.#isReleased = true;
      this.#wake();
    });
    this.elected = this.#elected.promise;
    this.elected.catch(() => {
      // expected: who stops an elector that never led need not have waited for it.
    });
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    const isLost = this.#term?.signal.aborted === true;
    this.#elected.reject(new Error('the elector was stopped'));
    this.#stopping.abort(new Error('the elector was stopped'));
    this.#releases.stop();
    await this.#running;
    if (isLost) {
      return;
    }
    if (this.#term !== undefined) {
      this.#endTerm('this process gives its lease back');
    }
    // A lease may be ours though we never led: when the reply to the taking has not come.
    if (this.#hasWritten) {
      await this.#release();
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#round();
      await this.#pause();
    }
  }

  async #round(): Promise<void> {
    const begun = this.#clock.now();
    this.#isReleased = false;
    try {
      const lease = await this.#compete();
      if (lease === undefined) {
        this.#lost('another process holds the lease');
      } else {
        this.#won(begun);
      }
    } catch (error) {
      // expected: the API server is away, or another elector was faster.
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#term !== undefined) {
      // What was seen of the lease may be old, or our own write of which no reply came.
      this.#observation = undefined;
    }
    const isRace = this.#term === undefined && (isConflict(error) || isAlreadyExists(error));
    if (!isRace && !this.#stopping.signal.aborted) {
      this.#options.onError?.(error);
    }
  }

  /** The lease as we hold it now; undefined while another one does. */
  async #compete(): Promise<Lease | undefined> {
    const { identity } = this.#options;
    if (this.#term === undefined || this.#observation === undefined) {
      const lease = await this.#look();
      if (lease === undefined) {
        return this.#create();
      }
      this.#observation = observe(this.#observation, lease, this.#clock.now());
      if (decide(this.#observation, identity, this.#clock.now()) === 'wait') {
        if (this.#term === undefined && !this.#stopping.signal.aborted) {
          this.#releases.from(lease);
        }
        return undefined;
      }
      if (this.#term !== undefined && lease.spec?.holderIdentity !== identity) {
        // Nobody's, though we should hold it: somebody gave it away. Then it is not ours to keep.
        return undefined;
      }
    }
    return this.#write(this.#observation.lease);
  }

  async #look(): Promise<Lease | undefined> {
    return this.#options.client.find(LEASES, this.#options.lease, this.#call());
  }

  async #create(): Promise<Lease> {
    const { client, lease, identity } = this.#options;
    this.#hasWritten = true;
    const spec = { ...held({}, identity, this.#leaseDurationMs, this.#clock.date()), leaseTransitions: 0 };
    return this.#keep(await client.create(LEASES, { metadata: lease, spec }, this.#call()));
  }

  /** Refused with 409 when anybody has written since. */
  async #write(former: Lease): Promise<Lease> {
    const { client, identity } = this.#options;
    this.#hasWritten = true;
    const spec = held(former.spec ?? {}, identity, this.#leaseDurationMs, this.#clock.date());
    return this.#keep(await client.replace(LEASES, { ...former, spec }, this.#call()));
  }

  #keep(lease: Lease): Lease {
    this.#observation = observe(undefined, lease, this.#clock.now());
    return lease;
  }

  #call(): { readonly signal: AbortSignal; readonly deadlineMs: number } {
    return { signal: this.#stopping.signal, deadlineMs: this.#renewDeadlineMs / TRIES_PER_DEADLINE };
  }

  #won(at: number): void {
    if (this.#stopping.signal.aborted) {
      return;
    }
    if (this.#term !== undefined) {
      this.#term.renewed(at);
      return;
    }
    this.#releases.stop();
    this.#term = new Term(this.#clock, this.#renewDeadlineMs, at, () =>
      this.#lost(`the lease was not renewed for ${this.#renewDeadlineMs / 1000} s`),
    );
    this.#options.observer?.leadershipChanged(this.#options.lease.name, true);
    this.#elected.resolve(this.#term);
  }

  #lost(why: string): void {
    if (this.#term === undefined || this.#term.signal.aborted) {
      return;
    }
    this.#stopping.abort(new Error(why));
    this.#endTerm(why);
    this.#options.onLost(why);
  }

  #endTerm(why: string): void {
    this.#term?.end(why);
    this.#options.observer?.leadershipChanged(this.#options.lease.name, false);
  }

  async #release(): Promise<void> {
    const { client, lease, identity } = this.#options;
    const call = { deadlineMs: RELEASE_DEADLINE_MS / MAX_RELEASE_TRIES };
    for (let attempt = 1; attempt <= MAX_RELEASE_TRIES; attempt += 1) {
      try {
        const found = await client.find(LEASES, lease, call);
        if (found?.spec?.holderIdentity === identity) {
          await client.replace(LEASES, { ...found, spec: released(found.spec, this.#clock.date()) }, call);
        }
        return;
      } catch (error) {
        // expected: it runs out by itself. A renewal that was on its way may have come in between: one more look.
        this.#options.onError?.(error);
        if (!isConflict(error)) {
          return;
        }
      }
    }
  }

  async #pause(): Promise<void> {
    const { random = Math.random } = this.#options;
    const wait = this.#retryPeriodMs * (this.#term === undefined ? 1 + JITTER * random() : 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = this.#stopping;
    if (signal.aborted || (this.#isReleased && this.#term === undefined)) {
      return;
    }
    const cancel = this.#clock.after(wait, resolve);
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#wake = resolve;
    await promise;
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
