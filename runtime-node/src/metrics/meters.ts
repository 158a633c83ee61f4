// What a serving thread counts. The request path only adds to numbers; a reading, taken about once a second while
// something happens, carries what was added since the last one, so that the supervisor can sum up the threads, dead
// ones included.

import {
  InstrumentCounts,
  type Attributes,
  type CounterName,
  type CounterReading,
  type HistogramName,
  type HistogramReading,
  type Instruments,
} from '../telemetry/instruments.ts';

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
  /** A message has been handled, or has not; `seconds` of the guest's time. */
  message(component: string, message: HandledMessage, seconds: number): void;
  /** A guest has had something done outside, by the name of the call; `model` where one was asked. */
  hostCall(component: string, call: string, succeeded: boolean, model?: string): void;
  /** A call has run into a limit, by its name. */
  limit(component: string, limit: string): void;
}

export interface HandledMessage {
  /** Type of the trigger. */
  readonly trigger: string;
  /** `refused`: no guest was called, since the process stops or has too much to do. */
  readonly outcome: 'handled' | 'failed' | 'refused';
}

/** What is there now, as opposed to what has happened. */
export interface Gauges {
  /** Requests that wait for their turn. */
  readonly queue: number;
  readonly instances: readonly { readonly component: string; readonly state: InstanceState; readonly count: number }[];
}

/** `suspended`: its guest waits. One that runs stands in neither. */
export type InstanceState = 'free' | 'suspended';

/** Instances that were not kept for further guests, since the thread began to serve. */
export interface DroppedInstances {
  readonly component: string;
  readonly reason: string;
  readonly count: number;
}

export interface InstanceResets {
  readonly component: string;
  readonly count: number;
}

/** What a thread looks at when it reads its meters. */
export interface MeterSources {
  gauges(): Gauges;
  dropped(): readonly DroppedInstances[];
  /** Instances that were put back for another guest, since the thread began to serve. */
  resets(): readonly InstanceResets[];
}

/** What has happened since the last reading, and what is there now. */
export interface MeterReading {
  readonly requests: readonly RequestCount[];
  readonly messages: readonly MessageCount[];
  readonly hostCalls: readonly HostCallCount[];
  readonly limits: readonly { readonly component: string; readonly limit: string; readonly count: number }[];
  readonly dropped: readonly DroppedInstances[];
  readonly resets: readonly InstanceResets[];
  readonly counters: readonly CounterReading[];
  readonly histograms: readonly HistogramReading[];
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

export interface HostCallCount {
  readonly component: string;
  readonly call: string;
  readonly outcome: 'ok' | 'error';
  /** '' for calls that ask none. */
  readonly model: string;
  readonly count: number;
}

/** Of equal calls. */
export const keyOf = ({ component, call, outcome, model }: Omit<HostCallCount, 'count'>): string =>
  [component, call, outcome, model].join('\n');

export interface MessageCount extends HandledMessage {
  readonly component: string;
  readonly count: number;
  readonly seconds: number;
}

const CLASSES = 5;

interface Requests {
  readonly classes: number[];
  readonly buckets: number[];
  seconds: number;
}

const NOTHING: MeterSources = { gauges: () => ({ queue: 0, instances: [] }), dropped: () => [], resets: () => [] };

export class ThreadMeters implements Meters, Instruments {
  readonly #onChange: () => void;
  #requests = new Map<string, Requests>();
  /** By component, trigger and outcome. */
  #messages = new Map<string, { -readonly [Key in keyof MessageCount]: MessageCount[Key] }>();
  /** By component, call and outcome. */
  #hostCalls = new Map<string, { -readonly [Key in keyof HostCallCount]: HostCallCount[Key] }>();
  /** By component, then by limit. */
  #limits = new Map<string, Map<string, number>>();
  readonly #instruments = new InstrumentCounts();
  #changed = false;
  #sources: MeterSources = NOTHING;
  /** As they were at the last reading. */
  #dropped: readonly DroppedInstances[] = [];
  #resets: readonly InstanceResets[] = [];

  /** `onChange` is called at the first change after a reading. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Where to look when the meters are read. */
  watch(sources: MeterSources): void {
    this.#sources = sources;
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

  message(component: string, { trigger, outcome }: HandledMessage, seconds: number): void {
    const key = JSON.stringify([component, trigger, outcome]);
    const known = this.#messages.get(key) ?? { component, trigger, outcome, count: 0, seconds: 0 };
    known.count += 1;
    known.seconds += seconds;
    this.#messages.set(key, known);
    this.#change();
  }

  hostCall(component: string, call: string, succeeded: boolean, model = ''): void {
    const outcome = succeeded ? 'ok' : 'error';
    const key = keyOf({ component, call, outcome, model });
    const known = this.#hostCalls.get(key) ?? { component, call, outcome, model, count: 0 };
    known.count += 1;
    this.#hostCalls.set(key, known);
    this.#change();
  }

  limit(component: string, limit: string): void {
    const ofComponent = this.#limits.get(component) ?? new Map<string, number>();
    this.#limits.set(component, ofComponent.set(limit, (ofComponent.get(limit) ?? 0) + 1));
    this.#change();
  }

  add(name: CounterName, attributes: Attributes): void {
    this.#instruments.add(name, attributes);
    this.#change();
  }

  record(name: HistogramName, attributes: Attributes, value: number): void {
    this.#instruments.record(name, attributes, value);
    this.#change();
  }

  /** What was counted since the last reading. */
  read(): MeterReading {
    const dropped = this.#sources.dropped();
    const resets = this.#sources.resets();
    const reading: MeterReading = {
      requests: [...this.#requests].map(([component, requests]) => ({ component, ...requests })),
      messages: [...this.#messages.values()],
      hostCalls: [...this.#hostCalls.values()],
      limits: [...this.#limits].flatMap(([component, counts]) =>
        [...counts].map(([limit, count]) => ({ component, limit, count })),
      ),
      dropped: added(this.#dropped, dropped),
      resets: added(this.#resets, resets),
      counters: this.#instruments.counters,
      histograms: this.#instruments.histograms,
      gauges: this.#sources.gauges(),
    };
    this.#requests = new Map();
    this.#messages = new Map();
    this.#hostCalls = new Map();
    this.#limits = new Map();
    this.#instruments.clear();
    this.#dropped = dropped;
    this.#resets = resets;
    this.#changed = false;
    return reading;
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

/** By how much counts have grown; those that have not are left out. */
const added = <T extends InstanceResets & { readonly reason?: string }>(before: readonly T[], now: readonly T[]): T[] =>
  now.flatMap((counted) => {
    const { component, reason, count } = counted;
    const known = before.find((other) => other.component === component && other.reason === reason)?.count ?? 0;
    return count > known ? [{ ...counted, count: count - known }] : [];
  });
