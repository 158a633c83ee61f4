// What the client of the API server, the election, the webhooks and files of certificates count.
import type { LeaderObserver, RequestObserver } from '@spindle/kube';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ReviewObserver } from '../../admission/server.ts';
import type { ReadObserver } from '../../certificates/cert-files.ts';

/** client-go's. */
const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export function requestMetrics(registers: Registry[]): RequestObserver {
  const total = new Counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labelNames: ['code', 'method', 'host'],
    registers: registers,
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labelNames: ['verb', 'host'],
    buckets: REQUEST_SECONDS,
    registers: registers,
  });
  return {
    requestEnded({ method, host, code, durationMs }) {
      total.inc({ code, method, host });
      seconds.observe({ verb: method, host }, durationMs / 1000);
    },
  };
}

export function leaderMetrics(registers: Registry[]): LeaderObserver {
  const status = new Gauge({
    name: 'leader_election_master_status',
    help: 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
    labelNames: ['name'],
    registers: registers,
  });
  return { leadershipChanged: (name, isLeader) => status.set({ name }, isLeader ? 1 : 0) };
}

export function reviewMetrics(registers: Registry[]): ReviewObserver {
  const total = new Counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Total number of admission requests by HTTP status code.',
    labelNames: ['webhook', 'code'],
    registers: registers,
  });
  const seconds = new Histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'Histogram of the latency of processing admission requests',
    labelNames: ['webhook'],
    registers: registers,
  });
  const inFlight = new Gauge({
    name: 'controller_runtime_webhook_requests_in_flight',
    help: 'Current number of admission requests being served.',
    labelNames: ['webhook'],
    registers: registers,
  });
  return (webhook, code, took) => {
    total.inc({ webhook, code });
    seconds.observe({ webhook }, took);
    // A review is answered in one go, so that none is ever under way when somebody looks.
    inFlight.set({ webhook }, 0);
  };
}

export function certificateMetrics(registers: Registry[]): ReadObserver {
  const total = new Counter({
    name: 'certwatcher_read_certificate_total',
    help: 'Total number of certificate reads',
    registers: registers,
  });
  const errors = new Counter({
    name: 'certwatcher_read_certificate_errors_total',
    help: 'Total number of certificate read errors',
    registers: registers,
  });
  return (isGood) => {
    total.inc();
    errors.inc(isGood ? 0 : 1);
  };
}
