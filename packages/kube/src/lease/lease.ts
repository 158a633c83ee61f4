// The Lease of coordination.k8s.io/v1 that electors compete for, and the decision of one look at it: pure.
import { resource, type KubeObject } from '../client/resource.ts';
import { microTime } from '../micro-time.ts';

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty or absent: nobody. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export const LEASES = resource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
});

/** A lease as it was seen last, and since when it has looked so by our own clock. */
export interface Observation {
  readonly lease: Lease;
  readonly since: number;
}

/**
 * Its holder's clock may be wrong: what counts is how long we have seen no change (kube-client 19). Of what changes only the
 * holder's own words count.
 */
export function observe(former: Observation | undefined, lease: Lease, now: number): Observation {
  const isSame = former !== undefined && wordsOf(former.lease) === wordsOf(lease);
  return { lease, since: isSame ? former.since : now };
}

const wordsOf = ({ metadata, spec = {} }: Lease): string =>
  [metadata.uid, spec.holderIdentity, spec.renewTime, spec.acquireTime, spec.leaseTransitions].join('\n');

export type Decision =
  /** Ours already, from before a restart or by a reply that was lost. */
  | 'renew'
  /** Nobody's, or somebody's who has not renewed it for its whole duration. */
  | 'take'
  | 'wait';

export function decide({ lease, since }: Observation, identity: string, now: number): Decision {
  const { holderIdentity: holder = '', leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (holder === identity) {
    return 'renew';
  }
  return holder === '' || now - since >= leaseDurationSeconds * 1000 ? 'take' : 'wait';
}

/** What we write: the same lease with us as its holder from now on. */
export function held(former: LeaseSpec, identity: string, durationMs: number, date: Date): LeaseSpec {
  const now = microTime(date);
  const isOurs = former.holderIdentity === identity;
  return {
    ...former,
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: isOurs ? (former.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (former.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
  };
}

/** Nobody's: the next elector takes it at its next look. A duration of 0 is not valid. */
export const released = (former: LeaseSpec, date: Date): LeaseSpec => ({
  ...former,
  holderIdentity: '',
  leaseDurationSeconds: 1,
  renewTime: microTime(date),
});
