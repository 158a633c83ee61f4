// The metrics of Spindle: names, help texts and labels, and their values from what was counted. Plain data in the shape
// of prom-client's `getMetricsAsJSON`; nothing here knows the text format.
import type { CounterName } from '../telemetry/instruments.ts';
import { DURATION_BUCKETS, type HostCallCount } from './meters.ts';
import type { ProcessFacts } from './process-facts.ts';
import type { CountedBy, MeterTotals } from './totals.ts';

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it is not that of the family. */
  readonly metricName?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Sample[];
  readonly aggregator: 'sum';
}

export function metricFamilies(totals: MeterTotals, process: ProcessFacts): MetricFamily[] {
  return [
    gauge(
      'spindle_engine_info',
      'How instances are put back for the next request, and why not better; always 1.',
      totals.engine.map(({ component, mode, reason = '' }) => ({ labels: { component, mode, reason }, value: 1 })),
    ),
    gauge('spindle_threads', 'Threads that serve.', [{ labels: {}, value: totals.threads }]),
    counter(
      'spindle_thread_restarts_total',
      'Threads that were replaced.',
      [...totals.restarts].map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    counter(
      'spindle_http_requests_total',
      'Requests that components have answered, by the class of the status.',
      [...totals.requests].flatMap(([component, { classes }]) =>
        classes.map((value, index) => ({ labels: { component, status: `${index + 1}xx` }, value })),
      ),
    ),
    family(
      'histogram',
      'spindle_http_request_duration_seconds',
      'From the head of a request to the end of its response.',
      [...totals.requests].flatMap(([component, { buckets, seconds }]) => histogram(component, buckets, seconds)),
    ),
    counter(
      'spindle_messages_total',
      'Messages and events that components were called for, by what became of them.',
      [...totals.messages.values()].map(({ component, trigger, outcome, count }) => ({
        labels: { component, trigger, outcome },
        value: count,
      })),
    ),
    counter(
      'spindle_message_seconds_total',
      'How long components have taken for them.',
      [...totals.messages.values()].map(({ component, trigger, outcome, seconds }) => ({
        labels: { component, trigger, outcome },
        value: seconds,
      })),
    ),
    gauge(
      'spindle_instances',
      'Instances that there are.',
      totals.instances.map(({ component, state, count }) => ({ labels: { component, state }, value: count })),
    ),
    counter(
      'spindle_host_calls_total',
      'Calls of components that reached out, to stores, databases, brokers, models and over HTTP, by their outcome.',
      hostCalls([...totals.hostCalls.values()]),
    ),
    counter(
      'spindle_instance_resets_total',
      'Instances that were put back for another request.',
      [...totals.resets].map(([component, value]) => ({ labels: { component }, value })),
    ),
    counter('spindle_instances_dropped_total', 'Instances that were not put back.', counted(totals.dropped, 'reason')),
    counter(
      'spindle_outbound_connections_total',
      'Connections that components have made, by kind, and whether they had to wait for a place.',
      connections(totals, 'outbound_connection_permits_acquired'),
    ),
    counter(
      'spindle_outbound_connections_rejected_total',
      'Connections that a limit has refused, by kind and limit.',
      connections(totals, 'outbound_connection_permits_rejected'),
    ),
    gauge('spindle_queue_length', 'Requests that wait for their turn.', [{ labels: {}, value: totals.queue }]),
    counter('spindle_limit_exceeded_total', 'Requests that a limit has ended.', counted(totals.limits, 'limit')),
    ...processFamilies(process),
  ];
}

/** The names that Prometheus recommends to all client libraries. */
const processFamilies = (facts: ProcessFacts): MetricFamily[] => [
  counter('process_cpu_seconds_total', 'Time on the processor, of user and system.', single(facts.cpuSeconds)),
  gauge('process_resident_memory_bytes', 'Resident memory.', single(facts.residentBytes)),
  gauge('process_open_fds', 'Open file descriptors.', single(facts.openFiles)),
  gauge('process_start_time_seconds', 'When the process started, since 1970.', single(facts.startSeconds)),
];

const connections = ({ instruments }: MeterTotals, name: CounterName): Sample[] =>
  instruments.counters
    .filter((counter) => counter.name === name)
    .map(({ attributes, count }) => ({
      labels: Object.fromEntries(Object.entries(attributes).map(([label, value]) => [label, String(value)])),
      value: count,
    }));

/** Whatever the model. */
const hostCalls = (counts: readonly HostCallCount[]): Sample[] =>
  [...Map.groupBy(counts, ({ component, call, outcome }) => [component, call, outcome].join('\n')).values()].map(
    (equal) => {
      const [{ component, call, outcome }] = equal as [HostCallCount];
      return { labels: { component, call, outcome }, value: equal.reduce((sum, { count }) => sum + count, 0) };
    },
  );

const single = (value: number | undefined): Sample[] => (value === undefined ? [] : [{ labels: {}, value }]);

const counted = (counts: CountedBy, label: string): Sample[] =>
  [...counts].flatMap(([component, byName]) =>
    [...byName].map(([name, value]) => ({ labels: { component, [label]: name }, value })),
  );

const family = (type: MetricFamily['type'], name: string, help: string, values: readonly Sample[]): MetricFamily => ({
  name,
  help,
  type,
  values,
  aggregator: 'sum',
});

const gauge = (name: string, help: string, values: readonly Sample[]): MetricFamily =>
  family('gauge', name, help, values);

const counter = (name: string, help: string, values: readonly Sample[]): MetricFamily =>
  family('counter', name, help, values);

/** Prometheus' buckets each hold those below. */
function histogram(component: string, buckets: readonly number[], seconds: number): Sample[] {
  const name = 'spindle_http_request_duration_seconds';
  let sum = 0;
  const cumulative = buckets.map((count, index) => ({
    labels: { le: DURATION_BUCKETS[index] ?? '+Inf', component },
    value: (sum += count),
    metricName: `${name}_bucket`,
  }));
  return [
    ...cumulative,
    { labels: { component }, value: seconds, metricName: `${name}_sum` },
    { labels: { component }, value: sum, metricName: `${name}_count` },
  ];
}
