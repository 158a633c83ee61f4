// A signal that is sent to a collector.
export interface Sender {
  /** Sends what is left. */
  close(): Promise<void>;
}
