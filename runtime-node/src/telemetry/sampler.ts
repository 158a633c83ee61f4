// Which traces are recorded: OTEL_TRACES_SAMPLER as OpenTelemetry's specification has it, decided where a span begins, for
// what a guest sends carries the decision. Pure.
import { SAMPLED, type TraceContext } from './trace-context.ts';

export type Sampler = (traceId: string, parent: TraceContext | undefined) => boolean;

const ALL: Sampler = () => true;
const NONE: Sampler = () => false;

/** Of the last 56 bits of an id, which are random (W3C Trace Context, level 2), as many as a number holds exactly. */
const RANDOM_DIGITS = 13;

/** The same answer for the same id everywhere. */
const byRatio =
  (ratio: number): Sampler =>
  (traceId) =>
    Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) / 16 ** RANDOM_DIGITS >= 1 - ratio;

/** What a caller records is recorded here too. */
const byParent =
  (root: Sampler): Sampler =>
  (traceId, parent) =>
    parent === undefined ? root(traceId, undefined) : (parent.flags & SAMPLED) !== 0;

/** Unknown names, and ratios that are none, are as if nothing was said. */
export function samplerOf(name: string | undefined, argument: string | undefined): Sampler {
  const given = Number(argument ?? 1);
  const ratio = given >= 0 && given <= 1 ? given : 1;
  switch (name) {
    case 'always_on':
      return ALL;
    case 'always_off':
      return NONE;
    case 'traceidratio':
      return byRatio(ratio);
    case 'parentbased_always_off':
      return byParent(NONE);
    case 'parentbased_traceidratio':
      return byParent(byRatio(ratio));
    default:
      return byParent(ALL);
  }
}
