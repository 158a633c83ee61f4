// What the pollables of monotonic-clock wait for. Nothing runs but while somebody waits, and nothing survives the drop
// of a pollable or the end of the call.
import type { Guest } from '../guest.ts';
import { Pollable, type Readiness } from '../io/streams.ts';
import { Alarms, type Alarm } from './alarms.ts';
import type { Clock } from './clock.ts';

const ALARMS = Symbol('wasi-clocks alarms');

/** A pollable that is ready from `deadline` on. */
export function timerPollable(clock: Clock, guest: Guest, deadline: bigint): Pollable {
  const timer = new Timer(clock, guest, deadline);
  return new Pollable(timer, () => timer.stop());
}

class Timer implements Readiness, Alarm {
  readonly deadline: bigint;
  place = -1;
  readonly #clock: Clock;
  readonly #guest: Guest;
  #due: PromiseWithResolvers<void> | undefined;

  constructor(clock: Clock, guest: Guest, deadline: bigint) {
    this.#clock = clock;
    this.#guest = guest;
    this.deadline = deadline;
  }

  ready(): boolean {
    return this.#clock.monotonic() >= this.deadline;
  }

  wait(): Promise<void> {
    if (this.#due === undefined) {
      this.#due = Promise.withResolvers();
      alarmsOf(this.#clock, this.#guest).add(this);
    }
    return this.#due.promise;
  }

  ring(): void {
    this.#due?.resolve();
  }

  stop(): void {
    if (this.place !== -1) {
      alarmsOf(this.#clock, this.#guest).remove(this);
    }
  }
}

/** All clocks of a guest are the same one. */
const alarmsOf = (clock: Clock, guest: Guest): Alarms =>
  guest.state(ALARMS, () => new Alarms(clock, guest.call.signal));
