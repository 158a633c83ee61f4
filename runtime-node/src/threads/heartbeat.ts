// The thread's half of the watch over its guests: says which one runs, and stops the one that is over its time.
import type { GuestWatch, Interrupt } from '../component/index.ts';
import { Guest } from '../host/guest.ts';
import { LimitExceeded, type Limits } from '../limits/index.ts';
import { BeatView, monotonicMs, NO_COMPONENT, type SharedBeat } from './shared-beat.ts';

/** Both in milliseconds. */
export interface BeatClock {
  /** Shared with the supervisor. */
  now(): number;
  /** What this thread has spent on the processor. */
  cpu(): number;
}

export const threadClock: BeatClock = {
  now: monotonicMs,
  cpu() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

type TimeLimits = Pick<Limits, 'requestMs' | 'cpuMs'>;

/** What a guest has used; it lives as long as the guest, which may be suspended and go on many times. */
interface GuestTimes {
  readonly began: number;
  /** On the processor, in the runs that have ended. */
  cpu: number;
}

const TIMES = Symbol('times of the guest');

export class Heartbeat implements GuestWatch {
  readonly #beat: BeatView;
  readonly #components: ReadonlyMap<string, number>;
  readonly #limits: TimeLimits;
  readonly #timed: boolean;
  readonly #clock: BeatClock;
  readonly #memory: WebAssembly.Memory;
  #run: number;
  #component: string | undefined;
  #times: GuestTimes | undefined;
  #cpuAtEnter = 0;

  /** `components` are ids; their indices are what the supervisor reads. */
  constructor(shared: SharedBeat, components: readonly string[], limits: TimeLimits, clock: BeatClock = threadClock) {
    this.#beat = new BeatView(shared);
    this.#components = new Map(components.map((id, index) => [id, index]));
    this.#limits = limits;
    this.#timed = limits.requestMs !== undefined || limits.cpuMs !== undefined;
    this.#clock = clock;
    this.#memory = shared.interrupt;
    this.#run = this.#beat.run;
  }

  /** For modules with time checks. */
  get interrupt(): Interrupt {
    return { memory: this.#memory, interrupted: () => this.#interrupted() };
  }

  /** A guest begins to run, or goes on. */
  enter(guest: unknown): void {
    const known = guest instanceof Guest ? guest : undefined;
    const component = known?.component.id;
    if (component !== this.#component) {
      this.#component = component;
      this.#beat.component = this.#components.get(component ?? '') ?? NO_COMPONENT;
    }
    if (this.#timed) {
      // Before the run is known: with the deadline of the last one it could be asked to stop at once.
      this.#startClock(known);
    }
    this.#run = (this.#run + 1) | 1;
    this.#beat.run = this.#run;
  }

  /** It has ended, or waits. */
  leave(): void {
    this.#run = (this.#run + 1) & ~1;
    this.#beat.run = this.#run;
    if (this.#times !== undefined && this.#limits.cpuMs !== undefined) {
      this.#times.cpu += this.#clock.cpu() - this.#cpuAtEnter;
    }
    this.#times = undefined;
  }

  #startClock(guest: Guest | undefined): void {
    const now = this.#clock.now();
    // Without a guest nothing but the runtime's own work is done, such as dropping what an instance held.
    this.#times = guest?.state(TIMES, () => ({ began: now, cpu: 0 }));
    if (this.#limits.cpuMs !== undefined) {
      this.#cpuAtEnter = this.#clock.cpu();
    }
    this.#beat.deadline = this.#deadline(now, this.#times?.cpu ?? 0);
  }

  /** Time on the processor passes no faster than time does, so nobody need look before that. */
  #deadline(now: number, cpuUsed: number): number {
    const { requestMs, cpuMs } = this.#limits;
    const began = this.#times?.began;
    return began === undefined
      ? Infinity
      : Math.min(began + (requestMs ?? Infinity), now + (cpuMs ?? Infinity) - cpuUsed);
  }

  /** A check in the guest's code has found the flag set. */
  #interrupted(): void {
    const { asked } = this.#beat;
    this.#beat.clearAsked(asked);
    if (asked !== this.#run || this.#times === undefined) {
      // Meant for a guest that has ended or waits; this one only found the flag.
      return;
    }
    const { requestMs, cpuMs } = this.#limits;
    const now = this.#clock.now();
    if (requestMs !== undefined && now >= this.#times.began + requestMs) {
      throw this.#over('request time', requestMs);
    }
    const cpuUsed = cpuMs === undefined ? 0 : this.#times.cpu + this.#clock.cpu() - this.#cpuAtEnter;
    if (cpuMs !== undefined && cpuUsed >= cpuMs) {
      throw this.#over('cpu time', cpuMs);
    }
    this.#beat.deadline = this.#deadline(now, cpuUsed);
  }

  #over(limit: 'request time' | 'cpu time', value: number): LimitExceeded {
    return new LimitExceeded(limit, {
      value,
      ...(this.#component === undefined ? {} : { component: this.#component }),
    });
  }
}
