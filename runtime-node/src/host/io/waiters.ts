// Those who wait for one thing to become ready, woken to look again at each change. Owns no state of the thing itself.

export class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves once `done()`, which is asked at each `wake`. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const resume of woken) {
      resume();
    }
  }
}
