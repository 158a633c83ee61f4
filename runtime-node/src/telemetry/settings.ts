// What the environment says of telemetry (spin-contract.md §8.1): which signals are sent, and how. Pure.
import { UserError } from '@spindle/api';
import { samplerOf, type Sampler } from './sampler.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

export const PROTOCOLS = ['http/protobuf', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface TelemetrySettings {
  /** With the protocol of each. */
  readonly signals: ReadonlyMap<Signal, Protocol>;
  /** What the operator should know. */
  readonly warnings: readonly string[];
}

/** Undefined when nothing is to be sent. Throws UserError for a protocol that cannot be spoken. */
export function telemetrySettings(env: Env): TelemetrySettings | undefined {
  if (env['OTEL_SDK_DISABLED']) {
    return undefined;
  }
  const { recorded, warning } = tracingLevel(env['SPIN_OTEL_TRACING_LEVEL']);
  const sent = SIGNALS.filter((signal) => env[variable(signal, 'ENDPOINT')] || env[`${PREFIX}_ENDPOINT`]).filter(
    (signal) => signal !== 'traces' || recorded,
  );
  if (sent.length === 0) {
    return undefined;
  }
  const warnings = new Set(warning === undefined ? [] : [warning]);
  const signals = new Map<Signal, Protocol>();
  for (const signal of sent) {
    const asked = env[variable(signal, 'PROTOCOL')] || env[`${PREFIX}_PROTOCOL`] || DEFAULT_PROTOCOL;
    const field = env[variable(signal, 'PROTOCOL')] ? variable(signal, 'PROTOCOL') : `${PREFIX}_PROTOCOL`;
    if (asked === 'http/json') {
      throw new UserError(`${asked} OTLP protocol is not supported`, {
        code: 'SPK4190',
        field,
        remedy: `Set it to ${DEFAULT_PROTOCOL}, which collectors take on port 4318, or to grpc, on port 4317.`,
      });
    }
    const protocol = PROTOCOLS.find((known) => known === asked);
    if (protocol === undefined) {
      warnings.add(`Warning: ${field} is no OTLP protocol; using ${DEFAULT_PROTOCOL}`);
    }
    signals.set(signal, protocol ?? DEFAULT_PROTOCOL);
  }
  return { signals, warnings: [...warnings] };
}

/** By Spin's names and numbers, from the one that says least. */
const LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'];

/** All spans are told at this level. */
const SPANS_LEVEL = LEVELS.indexOf('info');

/** Whether spans are recorded. Spin's filter may also name crates, which there are none of here. */
function tracingLevel(filter: string | undefined): { recorded: boolean; warning?: string } {
  const directives = (filter ?? '').split(',').map((directive) => directive.trim().toLowerCase());
  const level = (directive: string): number =>
    Math.max(LEVELS.indexOf(directive), LEVELS.indexOf(LEVELS[Number(directive || Number.NaN)] ?? ''));
  const known = directives.map(level).filter((found) => found >= 0);
  const recorded = (known.at(-1) ?? SPANS_LEVEL) >= SPANS_LEVEL;
  return directives.some((directive) => directive !== '' && level(directive) < 0)
    ? {
        recorded,
        warning: `Warning: SPIN_OTEL_TRACING_LEVEL is one of ${LEVELS.join(', ')}; the rest of it is ignored`,
      }
    : { recorded };
}

/** For the threads that serve. */
export const samplerFrom = (env: Env): Sampler => samplerOf(env['OTEL_TRACES_SAMPLER'], env['OTEL_TRACES_SAMPLER_ARG']);

/** Whether what guests print becomes events of their spans. */
export const printsEvents = (env: Env): boolean => !env['SPIN_DISABLE_LOG_TO_TRACING'];

/** A whole number above 0 out of the environment. */
export function countFrom(env: Env, name: string): number | undefined {
  const value = Number(env[name] ?? Number.NaN);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

const PREFIX = 'OTEL_EXPORTER_OTLP';
const DEFAULT_PROTOCOL: Protocol = 'http/protobuf';

const variable = (signal: Signal, rest: string): string => `${PREFIX}_${signal.toUpperCase()}_${rest}`;
