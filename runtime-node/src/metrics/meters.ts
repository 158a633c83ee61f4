// What a serving thread counts. The request path only adds to numbers; a reading, taken about once a second while
// something happens, carries what was added since the last one, so that the supervisor can sum up the threads, dead
// ones included.

/** Upper bounds in seconds: Prometheus' own defaults, and below them the times that guests here really take. */
export const DURATION_BUCKETS: readonly number[] = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** How the instances of a component are put back. */
export interface ComponentEngine {
  readonly component: string;
  readonly mode: string;
  /** Why no better mode; undefined for the best. */
  readonly reason: string | undefined;
}

/** For the path of a call. */
export interface Meters {
  /** A request to a component has been answered; `status` is that of the response, `seconds` from head to end. */
  request(component: string, status: number, seconds: number): void;
  /** A request has run into a limit, by its name. */
  limit(component: string, limit: string): void;
  /** An instance was not put back, and why. */
  instanceDropped(component: string, reason: string): void;
}

/** What is there now, as opposed to what has happened. */
export interface Gauges {
  /** Requests that wait for their turn. */
  readonly queue: number;
  readonly instances: readonly { readonly component: string; readonly state: string; readonly count: number }[];
}

/** What has happened since the last reading, and what is there now. */
export interface MeterReading {
  readonly requests: readonly RequestCount[];
  readonly limits: readonly { readonly component: string; readonly limit: string; readonly count: number }[];
  readonly dropped: readonly { readonly component: string; readonly reason: string; readonly count: number }[];
  readonly gauges: Gauges;
}

export interface RequestCount {
  readonly component: string;
  /** By the first digit of the status; index 0 is 1xx. */
  readonly classes: readonly number[];
  /** By bucket, each without those below it; one more at the end for what took longer than all bounds. */
  readonly buckets: readonly number[];
  readonly seconds: number;
}

const CLASSES = 5;

interface Requests {
  readonly classes: number[];
  readonly buckets: number[];
  seconds: number;
}

const NO_GAUGES: Gauges = { queue: 0, instances: [] };

export class ThreadMeters implements Meters {
  readonly #onChange: () => void;
  #requests = new Map<string, Requests>();
  /** By component, then by limit or reason. */
  #limits = new Map<string, Map<string, number>>();
  #dropped = new Map<string, Map<string, number>>();
  #changed = false;
  #gauges: () => Gauges = () => NO_GAUGES;

  /** `onChange` is called at the first change after a reading. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Where to look for what is there now. */
  watch(gauges: () => Gauges): void {
    this.#gauges = gauges;
  }

  request(component: string, status: number, seconds: number): void {
    let requests = this.#requests.get(component);
    if (requests === undefined) {
      requests = { classes: zeros(CLASSES), buckets: zeros(DURATION_BUCKETS.length + 1), seconds: 0 };
      this.#requests.set(component, requests);
    }
    requests.seconds += seconds;
    bump(requests.classes, Math.floor(status / 100) - 1);
    bump(requests.buckets, bucketOf(seconds));
    this.#change();
  }

  limit(component: string, limit: string): void {
    this.#count(this.#limits, component, limit);
  }

  instanceDropped(component: string, reason: string): void {
    this.#count(this.#dropped, component, reason);
  }

  /** What was counted since the last reading. */
  read(): MeterReading {
    const reading: MeterReading = {
      requests: [...this.#requests].map(([component, requests]) => ({ component, ...requests })),
      limits: flat(this.#limits).map(([component, limit, count]) => ({ component, limit, count })),
      dropped: flat(this.#dropped).map(([component, reason, count]) => ({ component, reason, count })),
      gauges: this.#gauges(),
    };
    this.#requests = new Map();
    this.#limits = new Map();
    this.#dropped = new Map();
    this.#changed = false;
    return reading;
  }

  #count(counts: Map<string, Map<string, number>>, component: string, what: string): void {
    const ofComponent = counts.get(component) ?? new Map<string, number>();
    counts.set(component, ofComponent.set(what, (ofComponent.get(what) ?? 0) + 1));
    this.#change();
  }

  #change(): void {
    if (!this.#changed) {
      this.#changed = true;
      this.#onChange();
    }
  }
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

/** Nothing for an index that there is not, as of a status beyond 599. */
function bump(counts: number[], index: number): void {
  const count = counts[index];
  if (count !== undefined) {
    counts[index] = count + 1;
  }
}

function bucketOf(seconds: number): number {
  const index = DURATION_BUCKETS.findIndex((bound) => seconds <= bound);
  return index === -1 ? DURATION_BUCKETS.length : index;
}

const flat = (counts: ReadonlyMap<string, ReadonlyMap<string, number>>): [string, string, number][] =>
  [...counts].flatMap(([component, byName]) =>
    [...byName].map(([name, count]): [string, string, number] => [component, name, count]),
  );
