// The names under which dashboards and alerts of SpinKube's operator look (control-plane contract §4.1), with their labels.
import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

const HOST = '10.0.0.1:443';

async function shown(): Promise<string> {
  const metrics = new Metrics();
  const state = { workers: 8, activeWorkers: 2, depth: 3, unfinishedMs: () => ({ total: 1500, longest: 1000 }) };
  metrics.show({ name: 'spinapp', controller: state });
  const controller = metrics.controller('spinapp');
  controller.added?.();
  controller.began?.(10);
  controller.ended?.({ result: 'error', durationMs: 20, isTerminal: true, isTimeout: true, isPanic: true });
  controller.retried?.();
  metrics.requests.requestEnded?.({ method: 'GET', host: HOST, code: '200', durationMs: 5 } as never);
  metrics.leader.leadershipChanged?.('90ba2d18.spinkube.dev', true);
  metrics.reviews('/mutate-core-spinkube-dev-v1alpha1-spinapp', 200, 0.01);
  metrics.certificateFiles(true);
  metrics.certificateFiles(false);
  metrics.showApps(() => [
    {
      apiVersion: 'core.spinkube.dev/v1alpha1',
      kind: 'SpinApp',
      metadata: { namespace: 'demo', name: 'hello' },
      spec: { image: 'a', executor: 'shim', replicas: 2 },
      status: { readyReplicas: 1 },
    },
  ]);
  return metrics.registry.metrics();
}

const QUEUE = '{controller="spinapp",name="spinapp"}';

describe('metrics are named as controller-runtime and client-go name them', async () => {
  const text = await shown();

  it.each([
    ['controller_runtime_reconcile_total', 'counter', '{controller="spinapp",result="error"} 1'],
    ['controller_runtime_reconcile_total', 'counter', '{controller="spinapp",result="requeue_after"} 0'],
    ['controller_runtime_reconcile_errors_total', 'counter', '{controller="spinapp"} 1'],
    ['controller_runtime_terminal_reconcile_errors_total', 'counter', '{controller="spinapp"} 1'],
    ['controller_runtime_reconcile_timeouts_total', 'counter', '{controller="spinapp"} 1'],
    ['controller_runtime_reconcile_panics_total', 'counter', '{controller="spinapp"} 1'],
    ['controller_runtime_reconcile_time_seconds', 'histogram', '_count{controller="spinapp"} 1'],
    ['controller_runtime_max_concurrent_reconciles', 'gauge', '{controller="spinapp"} 8'],
    ['controller_runtime_active_workers', 'gauge', '{controller="spinapp"} 2'],
    ['workqueue_depth', 'gauge', `${QUEUE} 3`],
    ['workqueue_adds_total', 'counter', `${QUEUE} 1`],
    ['workqueue_retries_total', 'counter', `${QUEUE} 1`],
    ['workqueue_queue_duration_seconds', 'histogram', `_count${QUEUE} 1`],
    ['workqueue_work_duration_seconds', 'histogram', `_count${QUEUE} 1`],
    ['workqueue_unfinished_work_seconds', 'gauge', `${QUEUE} 1.5`],
    ['workqueue_longest_running_processor_seconds', 'gauge', `${QUEUE} 1`],
    ['rest_client_requests_total', 'counter', `{code="200",method="GET",host="${HOST}"} 1`],
    ['leader_election_master_status', 'gauge', '{name="90ba2d18.spinkube.dev"} 1'],
    [
      'controller_runtime_webhook_requests_total',
      'counter',
      '{webhook="/mutate-core-spinkube-dev-v1alpha1-spinapp",code="200"} 1',
    ],
    [
      'controller_runtime_webhook_latency_seconds',
      'histogram',
      '_count{webhook="/mutate-core-spinkube-dev-v1alpha1-spinapp"} 1',
    ],
    [
      'controller_runtime_webhook_requests_in_flight',
      'gauge',
      '{webhook="/mutate-core-spinkube-dev-v1alpha1-spinapp"} 0',
    ],
    ['certwatcher_read_certificate_total', 'counter', ' 2'],
    ['certwatcher_read_certificate_errors_total', 'counter', ' 1'],
    ['process_cpu_seconds_total', 'counter', ' '],
    ['process_resident_memory_bytes', 'gauge', ' '],
    ['process_start_time_seconds', 'gauge', ' '],
    ['spinapp_ready', 'gauge', '{namespace="demo",name="hello"} 0'],
    ['spinapp_replicas_desired', 'gauge', '{namespace="demo",name="hello"} 2'],
    ['spinapp_replicas_ready', 'gauge', '{namespace="demo",name="hello"} 1'],
    ['spinapps', 'gauge', '{executor="shim",reason="Unknown"} 1'],
  ])('%s, a %s: %s', (name, type, sample) => {
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
    expect(text).toContain(`\n${name}${sample}`);
  });

  it('and all have a help text', () => {
    const named = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
    expect(helped).toEqual(named);
  });
});
