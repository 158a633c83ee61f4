// wasi:http of 18 October 2023 over that of today: constructors that take everything at once, changes of fields that
// cannot fail but by ending the guest, and errors of four kinds (spin-contract.md §3.8).
import { err, ok, plain, Trap, type HostFunction, type Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import type { ErrorCode } from '../http/error-code.ts';
import { changed, functionOf, invoke, renamed, type Candidate, type Functions } from './adapt.ts';
import { takenOnce } from './candidate-2023-11-10.ts';
import { rustDebug } from './rust-debug.ts';

interface OldError {
  readonly tag: 'invalid-url' | 'timeout-error' | 'protocol-error' | 'unexpected-error';
  readonly val: string;
}

/** All that Spin makes of today's codes. */
const oldError = (code: ErrorCode): OldError => ({ tag: 'unexpected-error', val: rustDebug(code) });

const SAID: Readonly<Record<OldError['tag'], string>> = {
  'invalid-url': 'invalid url',
  'timeout-error': 'timeout',
  'protocol-error': 'protocol error',
  'unexpected-error': 'unexpected error',
};

const codeOf = ({ tag, val }: OldError): ErrorCode => ({ tag: 'internal-error', val: `${SAID[tag]}: ${val}` });

type Refusable = Result<unknown, unknown>;

/** The value of a result that must not fail. */
function expected(result: unknown, otherwise: (error: unknown) => string): unknown {
  const { tag, val } = result as Refusable;
  if (tag === 'err') {
    throw new Trap(otherwise(val));
  }
  return val;
}

const tagOf = (value: unknown): string => String((value as { readonly tag?: unknown } | undefined)?.tag ?? value);

const headerError = (error: unknown): string => `header error: ${tagOf(error)}`;

const mustSucceed = (today: Functions, names: readonly string[], otherwise: (error: unknown) => string): Functions =>
  Object.fromEntries(
    names.map((name) => [
      name,
      changed(functionOf(today, name), { result: (answer) => void expected(answer, otherwise) }),
    ]),
  );

const mapError = (answer: unknown): unknown => {
  const result = answer as Result<unknown, ErrorCode>;
  return result.tag === 'err' ? err(oldError(result.val)) : result;
};

const fields = (today: Functions): Functions => ({
  '[constructor]fields': changed(functionOf(today, '[static]fields.from-list'), {
    result: (answer) => expected(answer, headerError),
  }),
  ...mustSucceed(today, ['[method]fields.set', '[method]fields.delete', '[method]fields.append'], headerError),
});

/** `[setter, what it sets]` of a request, in the order of the constructor's parameters. */
const REQUEST_PARTS = [
  ['set-method', 'method'],
  ['set-path-with-query', 'path-with-query'],
  ['set-scheme', 'scheme'],
  ['set-authority', 'authority'],
] as const;

function newRequest(today: Functions): HostFunction<Guest> {
  const construct = functionOf(today, '[constructor]outgoing-request');
  const clone = functionOf(today, '[method]fields.clone');
  const setters = REQUEST_PARTS.map(([name, what]) => ({
    set: functionOf(today, `[method]outgoing-request.${name}`),
    what,
  }));
  return plain((guest: Guest, ...args: readonly unknown[]) => {
    const request = invoke(construct, guest, invoke(clone, guest, args.at(-1)));
    setters.forEach(({ set, what }, index) => {
      expected(invoke(set, guest, request, args[index]), () => `invalid ${what} supplied`);
    });
    return request;
  });
}

function newResponse(today: Functions): HostFunction<Guest> {
  const construct = functionOf(today, '[constructor]outgoing-response');
  const clone = functionOf(today, '[method]fields.clone');
  const setStatus = functionOf(today, '[method]outgoing-response.set-status-code');
  return plain((guest: Guest, status: number, headers: unknown) => {
    const response = invoke(construct, guest, invoke(clone, guest, headers));
    expected(invoke(setStatus, guest, response, status), () => 'invalid status code supplied');
    return response;
  });
}

/** A body without trailers has empty ones: there was no way to say that there are none. */
function trailers(today: Functions): HostFunction<Guest> {
  const get = functionOf(today, '[method]future-trailers.get');
  const none = functionOf(today, '[constructor]fields');
  return plain((guest: Guest, self: unknown) => {
    const taken = takenOnce(invoke(get, guest, self)) as Result<unknown, ErrorCode> | undefined;
    if (taken === undefined || taken.tag === 'err') {
      return taken === undefined ? undefined : err(oldError(taken.val));
    }
    return ok(taken.val ?? invoke(none, guest));
  });
}

export const httpTypes: Candidate = (today) => ({
  ...today,
  functions: {
    ...today.functions,
    ...fields(today.functions),
    '[constructor]outgoing-request': newRequest(today.functions),
    '[constructor]outgoing-response': newResponse(today.functions),
    ...renamed(today.functions, {
      '[method]outgoing-request.write': '[method]outgoing-request.body',
      '[method]outgoing-response.write': '[method]outgoing-response.body',
    }),
    ...mustSucceed(
      today.functions,
      ['[static]outgoing-body.finish'],
      (error) => `the body cannot be finished: ${rustDebug(error as ErrorCode)}`,
    ),
    '[static]response-outparam.set': changed(functionOf(today.functions, '[static]response-outparam.set'), {
      args: (outparam, response) => {
        const given = response as Result<unknown, OldError>;
        return [outparam, given.tag === 'err' ? err(codeOf(given.val)) : given];
      },
    }),
    '[method]future-trailers.get': trailers(today.functions),
    '[method]future-incoming-response.get': changed(
      functionOf(today.functions, '[method]future-incoming-response.get'),
      {
        result: (answer) => {
          const taken = answer as Result<unknown, undefined> | undefined;
          return taken?.tag === 'ok' ? ok(mapError(taken.val)) : taken;
        },
      },
    ),
  },
});

interface OldOptions {
  readonly connectTimeoutMs: number | undefined;
  readonly firstByteTimeoutMs: number | undefined;
  readonly betweenBytesTimeoutMs: number | undefined;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Milliseconds were a record's; today's nanoseconds are a resource's. */
export const outgoingHandler: Candidate = (today, released) => {
  const handle = functionOf(today.functions, 'handle');
  const types = released('wasi:http/types').functions;
  const construct = functionOf(types, '[constructor]request-options');
  const limits = [
    [functionOf(types, '[method]request-options.set-connect-timeout'), 'connectTimeoutMs'],
    [functionOf(types, '[method]request-options.set-first-byte-timeout'), 'firstByteTimeoutMs'],
    [functionOf(types, '[method]request-options.set-between-bytes-timeout'), 'betweenBytesTimeoutMs'],
  ] as const;
  const optionsOf = (guest: Guest, old: OldOptions): unknown => {
    const options = invoke(construct, guest);
    for (const [set, name] of limits) {
      const milliseconds = old[name];
      if (milliseconds !== undefined) {
        invoke(set, guest, options, BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND);
      }
    }
    return options;
  };
  const call = (guest: Guest, request: unknown, old: OldOptions | undefined): unknown =>
    mapError(invoke(handle, guest, request, old === undefined ? undefined : optionsOf(guest, old)));
  return { ...today, functions: { ...today.functions, handle: plain(call) } };
};
