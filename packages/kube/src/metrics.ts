// What this package counts, as interfaces: names of metrics and their registry belong to the operator.

/** One request has ended: its response is read, its watch has begun, or it has failed. */
export interface RequestReport {
  readonly method: string;
  /** `host:port` of the API server. */
  readonly host: string;
  /** Status of HTTP, or `<error>` when there was no response, as client-go counts it. */
  readonly code: string;
  /** Until the head of the response. */
  readonly durationMs: number;
}

export interface RequestObserver {
  requestEnded(report: RequestReport): void;
}

export interface LeaderObserver {
  /** `leader_election_master_status` of this lease. */
  leadershipChanged(lease: string, isLeader: boolean): void;
}

export interface EventObserver {
  /** An event was not written: too many for its object, too many in all, or refused. */
  eventDropped(why: 'burst' | 'full' | 'refused'): void;
}
