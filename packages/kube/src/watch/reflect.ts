// The reflector's state machine: keeps a copy of the server's objects by a list and the watch that follows it, whatever
// happens to either (kube-client 1–8). Pure: time and chance come in with each step, requests and waits go out as effects.
// Never looks into a resource version, never forgets one, never tells half a state.
import { ApiError, isExpired, TransportError } from '../transport/errors.ts';
import { backoffMs, retryMs, slowMs } from './backoff.ts';
import type { Change } from './change.ts';
import { BadLine, type Observed, type WatchEvent } from './event.ts';

/** An initial stream that says nothing for so long is of a server that ignores `sendInitialEvents` (kube-client 2). */
const INITIAL_SILENCE_MS = 10_000;
/** And one that never comes to its end, because so much changes that the silence above never is, too. */
const INITIAL_TOTAL_MS = 60_000;
/** The API server sends a bookmark every 60–75 s: two are missing. Somebody in between answers pings, and no more. */
const SILENCE_MS = 150_000;
/** kube-client 4. */
const TIMEOUT_S = { least: 290, spread: 6 } as const;
/** A watch that ends sooner and has said nothing is not one that came to its regular end. */
const QUICK_MS = 5_000;
/** An API server that has just started knows no roles and no custom resources for a second or two. */
const STARTING_TRIES = 3;
/** A resource version from which only errors come is given up for a new list. */
const MAX_FRUITLESS = 3;
/**
 * An event that was lost while its watch stayed whole is noticed by nobody. The first watch that has to be opened so long after
 * the last whole state begins with one again, as a streaming list: no request more. Spread, so that the kinds do not come at once.
 */
const REFRESH_MS = { least: 30 * 60_000, spread: 30 * 60_000 } as const;

export type Phase =
  | 'new'
  /** A streaming list is being told. */
  | 'initial-stream'
  /** The same, while what was known before still holds: when it fails, the watch goes on from there. */
  | 'refresh'
  /** Pages of a list. */
  | 'listing'
  | 'watching'
  | 'waiting'
  | 'stopped';

export interface ReflectorState {
  readonly phase: Phase;
  /** The last try of a streaming list came to nothing. */
  readonly usesPages: boolean;
  /** The server has said that it knows none. */
  readonly refusesStreams: boolean;
  /** Where the watch goes on; undefined: a list comes first. */
  readonly resourceVersion: string | undefined;
  /** Of what is asked now; what belongs to an earlier one comes too late. */
  readonly turn: number;
  readonly openedAt: number;
  readonly heardAt: number;
  /** This request has brought something. */
  readonly isFruitful: boolean;
  /** Requests in a row that brought nothing, for the backoff. */
  readonly failures: number;
  /** Of these, since the last list, the ones for which the version may be to blame. */
  readonly fruitless: number;
  readonly isSynced: boolean;
  /** From then on a watch begins with the whole state. */
  readonly refreshAt: number;
  /** Whatever it was that failed last, until something works again. */
  readonly failure: Error | undefined;
}

export const newReflector: ReflectorState = {
  phase: 'new',
  usesPages: false,
  refusesStreams: false,
  resourceVersion: undefined,
  turn: 0,
  openedAt: 0,
  heardAt: 0,
  isFruitful: false,
  failures: 0,
  fruitless: 0,
  isSynced: false,
  refreshAt: Infinity,
  failure: undefined,
};

export type ReflectorInput<T> =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** The timer has come. */
  | { readonly kind: 'time'; readonly turn: number }
  | {
      readonly kind: 'page';
      readonly turn: number;
      readonly items: readonly (T & Observed)[];
      readonly resourceVersion: string;
      readonly continue: string | undefined;
    }
  /** The head of the watch's response is there. */
  | { readonly kind: 'opened'; readonly turn: number }
  | { readonly kind: 'event'; readonly turn: number; readonly event: WatchEvent<T> }
  /** The reader was held up here: the silence was not the server's. */
  | { readonly kind: 'resumed'; readonly turn: number }
  /** The server has ended the watch in good order. */
  | { readonly kind: 'ended'; readonly turn: number }
  /** What was asked has failed: ApiError, TransportError, BadLine, or an error of whoever is told. */
  | { readonly kind: 'failed'; readonly turn: number; readonly error: Error };

export type ReflectorEffect<T> =
  | { readonly kind: 'list'; readonly turn: number; readonly continue: string | undefined }
  | {
      readonly kind: 'watch';
      readonly turn: number;
      /** Undefined: a streaming list of the latest. */
      readonly resourceVersion: string | undefined;
      readonly timeoutSeconds: number;
    }
  /** Gives up whatever is under way. */
  | { readonly kind: 'abandon' }
  /** One timer: takes the place of the one before. */
  | { readonly kind: 'timer'; readonly turn: number; readonly ms: number }
  | { readonly kind: 'tell'; readonly change: Change<T> }
  | { readonly kind: 'report'; readonly error: Error; readonly retryMs: number };

/** From outside the machine: each from 0 up to 1, and milliseconds that only grow. */
export interface Moment {
  readonly now: number;
  readonly chance: number;
}

type Step<T> = readonly [ReflectorState, readonly ReflectorEffect<T>[]];

const NOTHING: readonly never[] = [];

export function reflect<T>(state: ReflectorState, input: ReflectorInput<T>, moment: Moment): Step<T> {
  if (state.phase === 'stopped') {
    return [state, NOTHING];
  }
  if (input.kind === 'stop') {
    return [{ ...state, phase: 'stopped', turn: state.turn + 1 }, [{ kind: 'abandon' }]];
  }
  if (input.kind === 'start') {
    return state.phase === 'new' ? ask(state, moment) : [state, NOTHING];
  }
  if (input.turn !== state.turn) {
    return [state, NOTHING];
  }
  switch (input.kind) {
    case 'time':
      return onTime(state, moment);
    case 'page':
      return onPage(state, input, moment);
    case 'opened':
      return [{ ...state, heardAt: moment.now, openedAt: moment.now }, NOTHING];
    case 'resumed':
      return [{ ...state, heardAt: moment.now }, NOTHING];
    case 'event':
      return onEvent(state, input.event, moment);
    case 'ended':
      return onEnd(state, moment);
    case 'failed':
      return onFailure(state, input.error, moment);
  }
}

/** The next request, from what is known: a watch from the last version, or a list in either way. */
function ask<T>(state: ReflectorState, { now, chance }: Moment): Step<T> {
  const turn = state.turn + 1;
  const asked = { ...state, turn, openedAt: now, heardAt: now, isFruitful: false };
  const timeoutSeconds = TIMEOUT_S.least + Math.floor(chance * TIMEOUT_S.spread);
  const refreshes = state.resourceVersion !== undefined && isRefreshDue(state, now);
  if (state.resourceVersion !== undefined && !refreshes) {
    return [
      { ...asked, phase: 'watching' },
      [
        { kind: 'timer', turn, ms: SILENCE_MS },
        { kind: 'watch', turn, resourceVersion: state.resourceVersion, timeoutSeconds },
      ],
    ];
  }
  const init: ReflectorEffect<T> = { kind: 'tell', change: { kind: 'init' } };
  if (state.usesPages && !refreshes) {
    return [{ ...asked, phase: 'listing' }, [init, { kind: 'list', turn, continue: undefined }]];
  }
  return [
    { ...asked, phase: refreshes ? 'refresh' : 'initial-stream' },
    [
      init,
      { kind: 'timer', turn, ms: INITIAL_SILENCE_MS },
      { kind: 'watch', turn, resourceVersion: undefined, timeoutSeconds },
    ],
  ];
}

/** Only where lists can be streamed, and not while anything is wrong: it is the most that can be asked of a server. */
const isRefreshDue = ({ refusesStreams, refreshAt, failures }: ReflectorState, now: number): boolean =>
  !refusesStreams && failures === 0 && now >= refreshAt;

const nextRefresh = ({ now, chance }: Moment): number => now + REFRESH_MS.least + chance * REFRESH_MS.spread;

/** Nothing is lost by it; the next one is tried when the next would have been due anyway. */
const withoutRefresh = (state: ReflectorState, moment: Moment): ReflectorState => ({
  ...state,
  refreshAt: nextRefresh(moment),
});

const cancelled = <T>([state, effects]: Step<T>): Step<T> => [
  state,
  [{ kind: 'tell', change: { kind: 'init-cancelled' } }, ...effects],
];

const relist = <T>(state: ReflectorState, moment: Moment): Step<T> =>
  ask({ ...state, resourceVersion: undefined, fruitless: 0 }, moment);

function wait<T>(state: ReflectorState, ms: number): Step<T> {
  const turn = state.turn + 1;
  return [{ ...state, phase: 'waiting', turn }, [{ kind: 'abandon' }, { kind: 'timer', turn, ms }]];
}

function onTime<T>(state: ReflectorState, moment: Moment): Step<T> {
  switch (state.phase) {
    case 'waiting':
      return ask(state, moment);
    case 'watching': {
      const left = state.heardAt + SILENCE_MS - moment.now;
      return left > 0 ? [state, [{ kind: 'timer', turn: state.turn, ms: left }]] : withAbandon(ask(state, moment));
    }
    case 'refresh':
    case 'initial-stream': {
      const silence = state.heardAt + INITIAL_SILENCE_MS - moment.now;
      const total = state.openedAt + INITIAL_TOTAL_MS - moment.now;
      const left = Math.min(silence, total);
      if (left > 0) {
        return [state, [{ kind: 'timer', turn: state.turn, ms: left }]];
      }
      return withAbandon(
        state.phase === 'refresh'
          ? cancelled(ask(withoutRefresh(state, moment), moment))
          : relist({ ...state, usesPages: true }, moment),
      );
    }
    default:
      return [state, NOTHING];
  }
}

const withAbandon = <T>([state, effects]: Step<T>): Step<T> => [state, [{ kind: 'abandon' }, ...effects]];

/** Something good has come. */
const fruitful = (state: ReflectorState, now: number): ReflectorState =>
  state.isFruitful && state.failure === undefined
    ? { ...state, heardAt: now }
    : { ...state, heardAt: now, isFruitful: true, failures: 0, fruitless: 0, failure: undefined };

function onPage<T>(
  state: ReflectorState,
  page: Extract<ReflectorInput<T>, { readonly kind: 'page' }>,
  moment: Moment,
): Step<T> {
  const told = page.items.map((object): ReflectorEffect<T> => ({
    kind: 'tell',
    change: { kind: 'init-apply', object },
  }));
  // A page is no proof that the list can be read to its end: the backoff stays until it has been.
  if (page.continue !== undefined) {
    return [state, [...told, { kind: 'list', turn: state.turn, continue: page.continue }]];
  }
  const listed = {
    ...fruitful(state, moment.now),
    isSynced: true,
    resourceVersion: page.resourceVersion,
    refreshAt: nextRefresh(moment),
  };
  const [next, effects] = ask<T>(listed, moment);
  return [next, [...told, { kind: 'tell', change: { kind: 'init-done' } }, ...effects]];
}

function onEvent<T>(state: ReflectorState, event: WatchEvent<T>, moment: Moment): Step<T> {
  if (event.type === 'ERROR') {
    return onFailure(state, event.error, moment);
  }
  return isTelling(state) ? onInitialEvent(state, event, moment) : onLiveEvent(state, event, moment);
}

const isTelling = ({ phase }: ReflectorState): boolean => phase === 'initial-stream' || phase === 'refresh';

type GoodEvent<T> = Exclude<WatchEvent<T>, { readonly type: 'ERROR' }>;

function onInitialEvent<T>(state: ReflectorState, event: GoodEvent<T>, moment: Moment): Step<T> {
  const { now } = moment;
  const heard = { ...state, heardAt: now };
  if (event.type !== 'BOOKMARK') {
    const kind = event.type === 'DELETED' ? 'init-delete' : 'init-apply';
    return [heard, [{ kind: 'tell', change: { kind, object: event.object } }]];
  }
  if (!event.endsInitialEvents) {
    return [heard, NOTHING];
  }
  return [
    {
      ...fruitful(state, now),
      phase: 'watching',
      isSynced: true,
      resourceVersion: event.resourceVersion,
      usesPages: false,
      refreshAt: nextRefresh(moment),
    },
    [
      { kind: 'tell', change: { kind: 'init-done' } },
      { kind: 'timer', turn: state.turn, ms: SILENCE_MS },
    ],
  ];
}

function onLiveEvent<T>(state: ReflectorState, event: GoodEvent<T>, { now }: Moment): Step<T> {
  if (event.type === 'BOOKMARK') {
    return [{ ...fruitful(state, now), resourceVersion: event.resourceVersion }, NOTHING];
  }
  const { object } = event;
  const kind = event.type === 'DELETED' ? 'delete' : 'apply';
  return [
    { ...fruitful(state, now), resourceVersion: object.metadata.resourceVersion },
    [{ kind: 'tell', change: { kind, object } }],
  ];
}

/** kube-client 5: at once, unless watches end so quickly that nothing can be in them. */
function onEnd<T>(state: ReflectorState, moment: Moment): Step<T> {
  if (state.phase === 'refresh') {
    return cancelled(ask(withoutRefresh(state, moment), moment));
  }
  if (state.isFruitful || (state.phase === 'watching' && moment.now - state.openedAt >= QUICK_MS)) {
    return ask({ ...state, failures: 0 }, moment);
  }
  const failures = state.failures + 1;
  const failed = { ...state, failures };
  return failures === 1 ? ask(failed, moment) : wait(failed, backoffMs(failures - 1, moment.chance));
}

function onFailure<T>(state: ReflectorState, error: Error, moment: Moment): Step<T> {
  const { chance } = moment;
  if (state.phase === 'refresh') {
    const resumed: ReflectorState = { ...withoutRefresh(state, moment), phase: 'watching' };
    return cancelled(
      isUnknownOption(error)
        ? reported(error, 0, withAbandon(ask({ ...resumed, ...withoutStreams }, moment)))
        : onFailure(resumed, error, moment),
    );
  }
  if (state.phase === 'initial-stream' && isUnknownOption(error)) {
    return withAbandon(relist({ ...state, ...withoutStreams }, moment));
  }
  const failed: ReflectorState = {
    ...state,
    failures: state.failures + 1,
    fruitless: state.fruitless + (isVersions(error) ? 1 : 0),
    failure: error,
  };
  if (state.phase === 'watching' && isBroken(error) && state.isFruitful) {
    return reported(error, 0, withAbandon(ask({ ...failed, failures: 0, failure: undefined }, moment)));
  }
  if (isExpired(error) || (state.phase === 'watching' && isPastMending(failed, error))) {
    // The second in a row waits: a server whose lists are too old as soon as they are told must not be asked in a circle.
    const anew = { ...failed, resourceVersion: undefined, fruitless: 0 };
    const isFirst = isExpired(error) ? !isExpired(state.failure) : failed.failures === 1;
    if (isFirst) {
      return withAbandon(ask(anew, moment));
    }
    const ms = backoffMs(Math.max(1, failed.failures - 1), chance);
    return reported(error, ms, wait(anew, ms));
  }
  const isLasting = isOthersToMend(error) && failed.failures > STARTING_TRIES;
  const ms = isLasting ? slowMs(chance) : retryMs(retryOf(error), failed.failures, chance);
  return reported(error, ms, wait(failed, ms));
}

const reported = <T>(error: Error, ms: number, [state, effects]: Step<T>): Step<T> => [
  state,
  [{ kind: 'report', error, retryMs: ms }, ...effects],
];

const withoutStreams = { usesPages: true, refusesStreams: true } as const;

const isUnknownOption = (error: Error): boolean =>
  error instanceof ApiError && (error.status === 400 || error.status === 422);

/** A connection that worked until now: there may be a better one at once. */
const isBroken = (error: Error): boolean =>
  error instanceof TransportError && (error.kind === 'reset' || error.kind === 'silent');

/** kube-client 6: a role, a namespace or a CRD is missing. */
const isOthersToMend = (error: Error): boolean =>
  error instanceof ApiError && (error.status === 403 || error.status === 404);

/**
 * Nothing will come of this resource version: the server does not know it (its storage was put back to an earlier state), or
 * whatever comes after it cannot be read.
 */
function isPastMending({ fruitless }: ReflectorState, error: Error): boolean {
  if (error instanceof ApiError && error.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge')) {
    return true;
  }
  if (error instanceof ApiError && [400, 404, 422].includes(error.status)) {
    return true;
  }
  return fruitless >= MAX_FRUITLESS && isVersions(error);
}

/** Not that of a server that is overloaded, not there, or that does not know us. */
const isVersions = (error: Error): boolean =>
  error instanceof BadLine || (error instanceof ApiError && ![401, 403, 429, 502, 503, 504].includes(error.status));

const retryOf = (error: Error): ApiError['retry'] =>
  error instanceof ApiError || error instanceof TransportError ? error.retry : 'backoff';
