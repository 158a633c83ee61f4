import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { countFrom, printsEvents, samplerFrom, telemetrySettings, type Env } from './settings.ts';
import type { TraceContext } from './trace-context.ts';

const ENDPOINT = 'http://127.0.0.1:4318';

describe('what the environment says of telemetry', () => {
  it.each<readonly [Env, readonly string[] | undefined]>([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }, ['traces', 'metrics', 'logs']],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT }, ['traces']],
    [
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ENDPOINT },
      ['metrics', 'logs'],
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: '' }, ['traces', 'metrics', 'logs']],
    // Any value, as Spin has it.
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: 'false' }, undefined],
  ])('%o asks for %o', (env, signals) => {
    const asked = telemetrySettings(env)?.signals;
    expect(asked && [...asked.keys()]).toEqual(signals);
    expect(new Set(asked?.values())).toEqual(new Set(signals && ['http/protobuf']));
  });

  it.each<readonly [Env, string]>([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' }, 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL'],
  ])('%o is refused by name', (env, field) => {
    const ask = (): unknown => telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...env });
    expect(ask).toThrow(UserError);
    expect(ask).toThrow(expect.objectContaining({ code: 'SPK4190', place: expect.objectContaining({ field }) }));
  });

  it.each([
    ['', true, false],
    ['info', true, false],
    ['DEBUG', true, false],
    ['5', true, false],
    ['warn', false, false],
    ['error', false, false],
    ['off', false, false],
    ['0', false, false],
    ['spin_key_value=off', true, true],
    ['warn,spin_trigger_http=info', false, true],
    ['loud', true, true],
  ])('SPIN_OTEL_TRACING_LEVEL=%s records spans: %s', (level, recorded, warned) => {
    const settings = telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, SPIN_OTEL_TRACING_LEVEL: level });
    expect(settings?.signals.has('traces')).toBe(recorded);
    expect(settings?.signals.has('logs')).toBe(true);
    expect(settings?.warnings.length).toBe(warned ? 1 : 0);
  });

  it('gives each signal its protocol', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
    };
    expect([...(telemetrySettings(env)?.signals ?? [])]).toEqual([
      ['traces', 'grpc'],
      ['metrics', 'grpc'],
      ['logs', 'http/protobuf'],
    ]);
  });

  it('of a protocol that nobody knows is told, and passed over', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'pigeon' };
    expect(telemetrySettings(env)?.warnings).toEqual([
      'Warning: OTEL_EXPORTER_OTLP_PROTOCOL is no OTLP protocol; using http/protobuf',
    ]);
  });

  it('of a signal that is not sent does not matter', () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc' };
    expect(telemetrySettings(env)?.warnings).toEqual([]);
  });

  it.each([
    ['5', 5],
    ['0', undefined],
    ['-1', undefined],
    ['much', undefined],
    [undefined, undefined],
  ])('of a number %j is %s', (value, expected) => {
    expect(countFrom({ N: value }, 'N')).toBe(expected);
  });

  it('keeps what is printed out of spans by any value', () => {
    expect([printsEvents({}), printsEvents({ SPIN_DISABLE_LOG_TO_TRACING: '0' })]).toEqual([true, false]);
  });
});

const parent = (flags: number): TraceContext => ({ traceId: '', spanId: '', flags, state: '' });

describe('a sampler', () => {
  const LOW = '1'.padStart(32, '0');
  const HIGH = 'f'.repeat(32);

  it.each<readonly [string | undefined, string | undefined, readonly boolean[]]>([
    // Without a parent: a low and a high id; with one that is not recorded, and one that is.
    [undefined, undefined, [true, true, false, true]],
    ['parentbased_always_on', undefined, [true, true, false, true]],
    ['unknown', undefined, [true, true, false, true]],
    ['always_on', undefined, [true, true, true, true]],
    ['always_off', undefined, [false, false, false, false]],
    ['parentbased_always_off', undefined, [false, false, false, true]],
    ['traceidratio', '0.5', [false, true, true, true]],
    ['traceidratio', '0', [false, false, false, false]],
    ['traceidratio', '1', [true, true, true, true]],
    ['traceidratio', 'nonsense', [true, true, true, true]],
    ['parentbased_traceidratio', '0.5', [false, true, false, true]],
  ])('%s with %s', (name, argument, expected) => {
    const sample = samplerFrom({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument });
    expect([sample(LOW, undefined), sample(HIGH, undefined), sample(HIGH, parent(0)), sample(HIGH, parent(1))]).toEqual(
      expected,
    );
  });
});
