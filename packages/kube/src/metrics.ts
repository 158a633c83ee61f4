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
