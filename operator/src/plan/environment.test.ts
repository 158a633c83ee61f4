// SpinKube's table of environments (control-plane contract §9.1, TestConstructEnvForApp).
import type { SpinAppSpec } from '@spindle/api';
import { expect, it } from 'vitest';
import { environmentOf } from './environment.ts';
import type { PodConfig } from './executor.ts';

const LISTEN = { name: 'SPIN_HTTP_LISTEN_ADDR', value: '0.0.0.0:80' };
const secretKeyRef = { name: 's', key: 'k', optional: true };
const otel = {
  exporter_otlp_endpoint: 'http://a',
  exporter_otlp_traces_endpoint: 'http://b',
  exporter_otlp_metrics_endpoint: 'http://c',
  exporter_otlp_logs_endpoint: 'http://d',
};

it.each<[string, Partial<SpinAppSpec>, PodConfig['otel'], readonly object[]]>([
  [
    'a value',
    { variables: [{ name: 'my_name', value: 'a' }] },
    {},
    [{ name: 'SPIN_VARIABLE_MY_NAME', value: 'a' }, LISTEN],
  ],
  [
    'numb3rs',
    { variables: [{ name: 'my_n4m3', value: 'a' }] },
    {},
    [{ name: 'SPIN_VARIABLE_MY_N4M3', value: 'a' }, LISTEN],
  ],
  [
    'of a Secret',
    { variables: [{ name: 'v', valueFrom: { secretKeyRef } }] },
    {},
    [{ name: 'SPIN_VARIABLE_V', valueFrom: { secretKeyRef } }, LISTEN],
  ],
  [
    'of the pod',
    { variables: [{ name: 'v', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    {},
    [{ name: 'SPIN_VARIABLE_V', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, LISTEN],
  ],
  [
    'telemetry',
    {},
    otel,
    [
      LISTEN,
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://a' },
      { name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', value: 'http://b' },
      { name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', value: 'http://c' },
      { name: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', value: 'http://d' },
    ],
  ],
  [
    'the memory of an invocation',
    { invocationLimits: { memory: '40M' } },
    {},
    [LISTEN, { name: 'SPIN_MAX_INSTANCE_MEMORY', value: '40000000' }],
  ],
])('the environment of a container: %s', (_what, spec, endpoints, wanted) => {
  const config = { caSecret: undefined, installCaSecret: false, otel: endpoints };
  expect(environmentOf({ image: 'a', ...spec }, config)).toEqual(wanted);
});
