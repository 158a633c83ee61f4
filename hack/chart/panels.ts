// What the dashboards show: one row for each panel.

/** Of Grafana. */
export type Unit = 'short' | 's' | 'bytes' | 'ops' | 'reqps' | 'percentunit';

export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  /** Expressions of PromQL by the legend of their lines. */
  readonly lines: Readonly<Record<string, string>>;
}

const RATE = '[$__rate_interval]';

const quantiles = (histogram: string, by: string): Record<string, string> =>
  Object.fromEntries(
    [0.5, 0.99].map((quantile) => [
      `p${quantile * 100} {{${by}}}`,
      `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(${histogram}_bucket${RATE})))`,
    ]),
  );

export const OPERATOR_PANELS: readonly Panel[] = [
  {
    title: 'Apps by state',
    unit: 'short',
    lines: { '{{reason}}': 'sum by (reason) (max by (executor, reason) (spinapps))' },
  },
  {
    title: 'Apps that are not ready',
    unit: 'short',
    lines: { '{{namespace}}/{{name}}': 'max by (namespace, name) (spinapp_ready) == 0' },
  },
  {
    title: 'Pods that are missing',
    unit: 'short',
    lines: {
      '{{namespace}}/{{name}}':
        'max by (namespace, name) (spinapp_replicas_desired) - max by (namespace, name) (spinapp_replicas_ready) > 0',
    },
  },
  {
    title: 'Reconciles',
    unit: 'ops',
    lines: {
      '{{controller}} {{result}}': `sum by (controller, result) (rate(controller_runtime_reconcile_total${RATE}))`,
    },
  },
  {
    title: 'Time of a reconcile',
    unit: 's',
    lines: quantiles('controller_runtime_reconcile_time_seconds', 'controller'),
  },
  { title: 'Time in the queue', unit: 's', lines: quantiles('workqueue_queue_duration_seconds', 'name') },
  { title: 'Queue', unit: 'short', lines: { '{{name}}': 'max by (name) (workqueue_depth)' } },
  {
    title: 'Requests to the API server',
    unit: 'reqps',
    lines: { '{{method}} {{code}}': `sum by (method, code) (rate(rest_client_requests_total${RATE}))` },
  },
  {
    title: 'Webhooks',
    unit: 'reqps',
    lines: {
      '{{webhook}} {{code}}': `sum by (webhook, code) (rate(controller_runtime_webhook_requests_total${RATE}))`,
    },
  },
  {
    title: 'Failing watches',
    unit: 'ops',
    lines: { '{{kind}}': `sum by (kind) (rate(spindle_watch_failures_total${RATE}))` },
  },
  { title: 'Leader', unit: 'short', lines: { '{{pod}}': 'leader_election_master_status' } },
  { title: 'Memory', unit: 'bytes', lines: { '{{pod}}': 'process_resident_memory_bytes' } },
];

export const APP_PANELS: readonly Panel[] = [
  {
    title: 'Requests',
    unit: 'reqps',
    lines: { '{{component}} {{status}}': `sum by (component, status) (rate(spindle_http_requests_total${RATE}))` },
  },
  { title: 'Time of a request', unit: 's', lines: quantiles('spindle_http_request_duration_seconds', 'component') },
  {
    title: 'Part of failed requests',
    unit: 'percentunit',
    lines: {
      '{{component}}': `sum by (component) (rate(spindle_http_requests_total{status="5xx"}${RATE})) / sum by (component) (rate(spindle_http_requests_total${RATE}))`,
    },
  },
  {
    title: 'Messages',
    unit: 'ops',
    lines: { '{{component}} {{outcome}}': `sum by (component, outcome) (rate(spindle_messages_total${RATE}))` },
  },
  {
    title: 'Calls to stores, databases, brokers and over HTTP',
    unit: 'ops',
    lines: { '{{call}} {{outcome}}': `sum by (call, outcome) (rate(spindle_host_calls_total${RATE}))` },
  },
  {
    title: 'Requests that a limit has ended',
    unit: 'ops',
    lines: { '{{component}} {{limit}}': `sum by (component, limit) (rate(spindle_limit_exceeded_total${RATE}))` },
  },
  { title: 'Waiting requests', unit: 'short', lines: { '{{pod}}': 'spindle_queue_length' } },
  {
    title: 'Instances',
    unit: 'short',
    lines: { '{{component}} {{state}}': 'sum by (component, state) (spindle_instances)' },
  },
  {
    title: 'Replaced threads',
    unit: 'ops',
    lines: { '{{reason}}': `sum by (reason) (rate(spindle_thread_restarts_total${RATE}))` },
  },
  { title: 'Processor', unit: 'short', lines: { '{{pod}}': `rate(process_cpu_seconds_total${RATE})` } },
  { title: 'Memory', unit: 'bytes', lines: { '{{pod}}': 'process_resident_memory_bytes' } },
];
