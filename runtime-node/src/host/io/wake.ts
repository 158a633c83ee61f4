// Waiting for readiness. Whatever is waited for holds at most one reaction of ours, however many pollables and polls
// there are: a guest that polls in a loop must not grow a list on the one target that never comes.
import type { Readiness } from './streams.ts';

type Wake = (failure?: { readonly error: unknown }) => void;

/** All who wait for one target. */
class Hub {
  readonly #target: Readiness;
  readonly #waiting = new Set<Wake>();
  #armed = false;

  constructor(target: Readiness) {
    this.#target = target;
  }

  add(wake: Wake): void {
    this.#waiting.add(wake);
    if (!this.#armed) {
      this.#armed = true;
      // A rejection breaks the contract of `wait`; it must end the guest's call, not the process.
      this.#target.wait().then(
        () => this.#wakeAll(),
        (error: unknown) => this.#wakeAll({ error }),
      );
    }
  }

  delete(wake: Wake): void {
    this.#waiting.delete(wake);
  }

  #wakeAll(failure?: { readonly error: unknown }): void {
    this.#armed = false;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of due) {
      wake(failure);
    }
  }
}

const hubs = new WeakMap<Readiness, Hub>();

function hubOf(target: Readiness): Hub {
  let hub = hubs.get(target);
  if (hub === undefined) {
    hub = new Hub(target);
    hubs.set(target, hub);
  }
  return hub;
}

/** Resolves when one of `targets` has become ready, or says so wrongly: the caller asks `ready()` again. */
export function firstWake(targets: readonly Readiness[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const involved = targets.map(hubOf);
    const wake: Wake = (failure) => {
      for (const hub of involved) {
        hub.delete(wake);
      }
      if (failure === undefined) {
        resolve();
      } else {
        reject(failure.error);
      }
    };
    for (const hub of involved) {
      hub.add(wake);
    }
  });
}

/** What `step` of `answerOf` gives when it needs `target` to be ready once more. */
export const NOT_YET = Symbol('not yet');

/** Runs `step` each time `target` is ready until it has an answer; a plain value when nothing had to be awaited. */
export function answerOf<T>(target: Readiness, step: () => T | typeof NOT_YET): T | Promise<T> {
  const answer = stepWhileReady(target, step);
  return answer === NOT_YET ? awaitAnswer(target, step) : answer;
}

function stepWhileReady<T>(target: Readiness, step: () => T | typeof NOT_YET): T | typeof NOT_YET {
  while (target.ready()) {
    const answer = step();
    if (answer !== NOT_YET) {
      return answer;
    }
  }
  return NOT_YET;
}

async function awaitAnswer<T>(target: Readiness, step: () => T | typeof NOT_YET): Promise<T> {
  for (;;) {
    await firstWake([target]);
    const answer = stepWhileReady(target, step);
    if (answer !== NOT_YET) {
      return answer;
    }
  }
}
