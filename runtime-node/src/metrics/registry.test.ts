import { expect, it } from 'vitest';
import { metricFamilies } from './families.ts';
import { ThreadMeters } from './meters.ts';
import { expose } from './registry.ts';
import { MeterTotals } from './totals.ts';

const PROCESS = { cpuSeconds: 1.5, residentBytes: 1000, openFiles: 12, startSeconds: 1_700_000_000 };

const text = async (totals: MeterTotals): Promise<string[]> =>
  (await expose(metricFamilies(totals, PROCESS))).text.split('\n');

/** Two threads, each with one instance and a request in its queue. */
function served(): MeterTotals {
  const totals = new MeterTotals();
  totals.engine = [{ component: 'a"b', mode: 'fresh', reason: 'it uses table.set' }];
  for (const thread of [1, 2]) {
    totals.threadServes(thread);
    const meters = new ThreadMeters(() => {});
    meters.watch({
      gauges: () => ({ queue: 1, instances: [{ component: 'a"b', state: 'free', count: 2 }] }),
      dropped: () => [{ component: 'a"b', reason: 'Failed', count: 1 }],
      resets: () => [{ component: 'a"b', count: 5 }],
    });
    meters.request('a"b', 200, 0.002);
    meters.request('a"b', 504, 20);
    meters.limit('a"b', 'request time');
    meters.hostCall('a"b', 'spin_llm.infer', true, 'one');
    meters.hostCall('a"b', 'spin_llm.infer', true, 'two');
    meters.hostCall('a"b', 'spin_llm.infer', false);
    totals.add(thread, meters.read());
  }
  return totals;
}

it('sums up the threads in the text format of Prometheus', async () => {
  const lines = await text(served());
  for (const line of [
    '# TYPE spindle_http_requests_total counter',
    'spindle_engine_info{component="a\\"b",mode="fresh",reason="it uses table.set"} 1',
    'spindle_threads 2',
    'spindle_http_requests_total{component="a\\"b",status="2xx"} 2',
    'spindle_http_requests_total{component="a\\"b",status="4xx"} 0',
    'spindle_http_requests_total{component="a\\"b",status="5xx"} 2',
    '# TYPE spindle_http_request_duration_seconds histogram',
    'spindle_http_request_duration_seconds_bucket{le="0.001",component="a\\"b"} 0',
    'spindle_http_request_duration_seconds_bucket{le="0.0025",component="a\\"b"} 2',
    'spindle_http_request_duration_seconds_bucket{le="10",component="a\\"b"} 2',
    'spindle_http_request_duration_seconds_bucket{le="+Inf",component="a\\"b"} 4',
    'spindle_http_request_duration_seconds_sum{component="a\\"b"} 40.004',
    'spindle_http_request_duration_seconds_count{component="a\\"b"} 4',
    'spindle_instances{component="a\\"b",state="free"} 4',
    'spindle_instances_dropped_total{component="a\\"b",reason="Failed"} 2',
    'spindle_host_calls_total{component="a\\"b",call="spin_llm.infer",outcome="ok"} 4',
    'spindle_host_calls_total{component="a\\"b",call="spin_llm.infer",outcome="error"} 2',
    'spindle_instance_resets_total{component="a\\"b"} 10',
    'spindle_queue_length 2',
    'spindle_limit_exceeded_total{component="a\\"b",limit="request time"} 2',
    'process_cpu_seconds_total 1.5',
    'process_open_fds 12',
  ]) {
    expect(lines).toContain(line);
  }
});

it('keeps what a thread has counted when it is replaced, and forgets what it held', async () => {
  const totals = served();
  totals.threadEnded(2);
  totals.threadReplaced('Stalled');
  totals.threadReplaced('Stalled');
  const lines = await text(totals);
  expect(lines).toContain('spindle_threads 1');
  expect(lines).toContain('spindle_instances{component="a\\"b",state="free"} 2');
  expect(lines).toContain('spindle_queue_length 1');
  expect(lines).toContain('spindle_http_requests_total{component="a\\"b",status="2xx"} 2');
  expect(lines).toContain('spindle_thread_restarts_total{reason="Stalled"} 2');
});

it('does not take up what a thread says after its end', async () => {
  const totals = served();
  totals.threadEnded(2);
  const meters = new ThreadMeters(() => {});
  meters.watch({ gauges: () => ({ queue: 7, instances: [] }), dropped: () => [], resets: () => [] });
  meters.request('a"b', 200, 1);
  totals.add(2, meters.read());
  const lines = await text(totals);
  expect(lines).toContain('spindle_queue_length 1');
  expect(lines).toContain('spindle_http_requests_total{component="a\\"b",status="2xx"} 3');
});
