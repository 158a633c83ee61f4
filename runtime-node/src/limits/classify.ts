// What a call that failed has run into: a limit, or a fault of its own. V8 says so in the message of an error only, so
// the messages are told apart here and nowhere else; classify.test.ts draws each of them from the engine itself.
import { inspect } from 'node:util';
import { LimitExceeded, LIMITS, type LimitName, type LimitStatus } from './limit-exceeded.ts';

export interface Failure {
  /** Undefined when no limit has to do with it. */
  readonly limit: LimitName | undefined;
  readonly status: LimitStatus;
  /** One line for the log. */
  readonly message: string;
}

/** What the caller knows of the call. */
export interface FailureFacts {
  /** Whether the instance asked for memory in this call and did not get it. */
  readonly growthRefused?: boolean;
  /** Bytes that a memory may have, if there is a limit. */
  readonly instanceMemory?: number;
}

/** V8's words for what has a limit; none of them can be changed by a guest. */
const ENGINE_MESSAGES: readonly (readonly [LimitName, RegExp])[] = [
  ['stack', /^Maximum call stack size exceeded$/],
  ['table', /^WebAssembly\.Table\.grow\(\)/],
  ['table', /^WebAssembly\.Table\(\).*(?:above the upper bound|could not allocate)/],
  ['memory', /^WebAssembly\.Memory(?:\.grow)?\(\).*(?:could not allocate|Maximum memory size|Unable to grow)/],
  ['memory', /^WebAssembly\.Instance\(\).*Out of memory/],
  // A buffer or a string of the host that was as long as the guest said.
  ['memory', /^(?:Array buffer allocation failed|Invalid string length|Invalid array buffer length)$/],
];

/** The trap of the canonical ABI's handle tables (component/abi/handles.ts). */
const HANDLES_TRAP = /^too many resource handles/;

/** How guests end themselves when an allocation has failed: Rust, C and Go abort by `unreachable`, wasi-libc by exit. */
const GIVES_UP = /^unreachable$|^the guest called exit with status [1-9]/;

export function classifyFailure(error: unknown, facts: FailureFacts = {}): Failure {
  const found = limitBehind(error);
  if (found !== undefined) {
    return found;
  }
  const { name, message } = nameAndMessage(error);
  if (name === 'RangeError' || name === 'RuntimeError') {
    const limit = ENGINE_MESSAGES.find(([, pattern]) => pattern.test(message))?.[0];
    if (limit !== undefined) {
      return reached(limit, facts, message);
    }
  }
  if (name === 'Trap' && HANDLES_TRAP.test(message)) {
    return { limit: 'handles', status: LIMITS.handles.status, message };
  }
  if (facts.growthRefused === true && GIVES_UP.test(message)) {
    return reached('memory', facts, message);
  }
  return { limit: undefined, status: 500, message };
}

function reached(limit: LimitName, { instanceMemory }: FailureFacts, cause: string): Failure {
  const value = limit === 'memory' ? instanceMemory : undefined;
  const { message, status } = new LimitExceeded(limit, value === undefined ? {} : { value });
  return { limit, status, message: `${message} (${cause})` };
}

/** Causes deeper than this are not looked at; our own chains have two or three. */
const MAX_CAUSES = 8;

function limitBehind(error: unknown): Failure | undefined {
  let at = error;
  for (let depth = 0; depth < MAX_CAUSES && at instanceof Error; depth += 1) {
    if (at instanceof LimitExceeded) {
      return { limit: at.limit, status: at.status, message: at.message };
    }
    at = at.cause;
  }
  return undefined;
}

const ONE_LINE = { breakLength: Infinity, compact: true, depth: 1 } as const;

/** Anything can be thrown; one line of what can be said of it. */
function nameAndMessage(error: unknown): { readonly name: string; readonly message: string } {
  if (error instanceof Error) {
    return { name: error.name, message: error.message };
  }
  return { name: '', message: typeof error === 'string' ? error : inspect(error, ONE_LINE) };
}
