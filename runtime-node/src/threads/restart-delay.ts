// How long to wait before a thread that died is started again: not at all for one that had served for a while, ever
// longer for one that dies at once, so that a component that cannot live does not take the processor from the others.

/** A thread that lived so long did not die of its start. */
const SETTLED_MS = 10_000;
const FIRST_DELAY_MS = 100;
/** The pauses of Kubernetes for a container go to minutes; here the port is open and clients wait. */
const MAX_DELAY_MS = 5000;

export class RestartDelay {
  #deaths = 0;

  /** After a thread that lived for so long, in milliseconds. */
  next(livedMs: number): number {
    this.#deaths = livedMs >= SETTLED_MS ? 0 : this.#deaths + 1;
    return this.#deaths <= 1 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.#deaths - 2), MAX_DELAY_MS);
  }
}
