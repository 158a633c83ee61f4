// How long a key waits after it has failed again (kube-client 12).

/** client-go's item backoff, but a cap of 5 minutes: whoever has mended something waits no longer than a coffee. */
const FIRST_MS = 5;
const CAP_MS = 300_000;

export class RateLimit {
  readonly #failures = new Map<string, number>();

  /** For the next try; each call counts as a failure. */
  nextMs(id: string): number {
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures + 1);
    return Math.min(FIRST_MS * 2 ** Math.min(failures, 30), CAP_MS);
  }

  forget(id: string): void {
    this.#failures.delete(id);
  }
}
