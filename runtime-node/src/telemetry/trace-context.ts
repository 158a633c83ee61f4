// W3C Trace Context, level 1: which trace a request is part of, read from its fields and written to those of the requests
// that are made for it (spin-contract.md §8.1). Pure; what cannot be read is as if it were not there.

/** Names and values of fields; names in any case. */
export type Fields = readonly (readonly [string, string])[];

export interface TraceContext {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  /** The lowest bit: somebody records this trace. */
  readonly flags: number;
  /** `tracestate` as it came; '' without. */
  readonly state: string;
}

export const SAMPLED = 1;

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

const PARENT = /^(?<version>[\da-f]{2})-(?<trace>[\da-f]{32})-(?<span>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/;
const NO_ID = /^0+$/;

/** §3.3.1.5: what is longer may be left out. */
const MAX_STATE = 512;

/** Undefined without a `traceparent`, with several, and with one that is none. */
export function readTraceContext(fields: Fields): TraceContext | undefined {
  let parent: string | undefined;
  let state = '';
  for (const [name, value] of fields) {
    const known = kindOf(name);
    if (known === TRACEPARENT) {
      if (parent !== undefined) {
        return undefined;
      }
      parent = value;
    } else if (known === TRACESTATE) {
      state = state === '' ? value : `${state},${value}`;
    }
  }
  const { version, trace = '', span = '', flags = '', more } = PARENT.exec(parent?.trim() ?? '')?.groups ?? {};
  // §4: a later version may have more to say, this one not.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) {
    return undefined;
  }
  if (NO_ID.test(trace) || NO_ID.test(span)) {
    return undefined;
  }
  const kept = /^[\x20-\x7e]*$/.test(state) && state.length <= MAX_STATE ? state : '';
  return { traceId: trace, spanId: span, flags: Number.parseInt(flags, 16) & SAMPLED, state: kept };
}

/** Most fields are told apart by their length. */
function kindOf(name: string): typeof TRACEPARENT | typeof TRACESTATE | undefined {
  const known = name.length === TRACEPARENT.length ? TRACEPARENT : TRACESTATE;
  return name.length === known.length && name.toLowerCase() === known ? known : undefined;
}

/** `fields` with this context in place of the one that they may have. */
export function withTraceContext(fields: Fields, { traceId, spanId, flags, state }: TraceContext): Fields {
  return [
    ...fields.filter(([name]) => kindOf(name) === undefined),
    [TRACEPARENT, `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`],
    ...(state === '' ? [] : [[TRACESTATE, state] as const]),
  ];
}
