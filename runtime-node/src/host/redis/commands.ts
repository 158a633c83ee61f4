// The commands of Spin's Redis interfaces, each as a command of Redis and the value of its reply (spin-contract.md §4.6).
import type { Argument, RedisConnection } from './client/connection.ts';
import { connectionFailureText, incompatibleText, refusalText } from './client/failure-text.ts';
import { OtherReply, RedisError, type Reply } from './client/reply.ts';

export type RedisFailure =
  | { readonly tag: 'invalid-address' | 'too-many-connections' | 'type-error' }
  | { readonly tag: 'other'; readonly val: string };

/** A failure that the guest is told. */
export class RedisFailed extends Error {
  override readonly name = 'RedisFailed';
  readonly failure: RedisFailure;

  constructor(failure: RedisFailure) {
    super(failure.tag === 'other' ? failure.val : failure.tag);
    this.failure = failure;
  }
}

export type RedisParameter =
  | { readonly tag: 'int64'; readonly val: bigint }
  | { readonly tag: 'binary'; readonly val: Uint8Array };

export type RedisResult =
  | { readonly tag: 'nil' }
  | { readonly tag: 'status'; readonly val: string }
  | { readonly tag: 'int64'; readonly val: bigint }
  | { readonly tag: 'binary'; readonly val: Uint8Array };

/** How a command is sent, and the guest's wait called off. Rejects with what `failureOf` knows. */
export type Ask = (command: string, args: readonly Argument[]) => Promise<Reply>;

export const other = (text: string): RedisFailed => new RedisFailed({ tag: 'other', val: text });

/** What was thrown as a failure; a defect of ours is thrown again. */
export function failureOf(error: unknown): RedisFailure {
  if (error instanceof RedisFailed) {
    return error.failure;
  }
  const text = connectionFailureText(error);
  if (text === undefined) {
    throw error;
  }
  return { tag: 'other', val: text };
}

export async function publish(ask: Ask, channel: string, payload: Uint8Array): Promise<undefined> {
  accepted(await ask('PUBLISH', [channel, payload]));
}

export async function get(ask: Ask, key: string): Promise<Uint8Array | undefined> {
  const reply = accepted(await ask('GET', [key]));
  return reply === null ? undefined : bytesOf(reply);
}

export async function set(ask: Ask, key: string, value: Uint8Array): Promise<undefined> {
  accepted(await ask('SET', [key, value]));
}

/** INCRBY, as Spin's client sends it. */
export async function incr(ask: Ask, key: string): Promise<bigint> {
  return integerOf(accepted(await ask('INCRBY', [key, '1'])));
}

export async function del(ask: Ask, keys: readonly string[]): Promise<number> {
  return countOf(accepted(await ask('DEL', keys)));
}

/** The one command whose complaint of a wrong type has a case of its own. */
export async function sadd(ask: Ask, key: string, values: readonly string[]): Promise<number> {
  const reply = await ask('SADD', [key, ...values]);
  if (reply instanceof RedisError && reply.code === 'WRONGTYPE') {
    throw new RedisFailed({ tag: 'type-error' });
  }
  return countOf(accepted(reply));
}

export async function srem(ask: Ask, key: string, values: readonly string[]): Promise<number> {
  return countOf(accepted(await ask('SREM', [key, ...values])));
}

export async function smembers(ask: Ask, key: string): Promise<string[]> {
  const reply = accepted(await ask('SMEMBERS', [key]));
  if (!Array.isArray(reply)) {
    throw other(incompatibleText('a set'));
  }
  return (reply as readonly Reply[]).map(textOf);
}

/** The parts of the reply one after the other, whatever they were nested in. */
export async function execute(
  ask: Ask,
  command: string,
  parameters: readonly RedisParameter[],
): Promise<RedisResult[]> {
  const results: RedisResult[] = [];
  flatten(
    accepted(
      await ask(
        command,
        parameters.map(({ val }) => val),
      ),
    ),
    results,
  );
  return results;
}

function flatten(reply: Reply, results: RedisResult[]): void {
  if (reply === null) {
    results.push({ tag: 'nil' });
  } else if (typeof reply === 'string') {
    results.push({ tag: 'status', val: reply });
  } else if (typeof reply === 'bigint') {
    results.push({ tag: 'int64', val: reply });
  } else if (typeof reply === 'boolean') {
    results.push({ tag: 'int64', val: reply ? 1n : 0n });
  } else if (reply instanceof Uint8Array) {
    results.push({ tag: 'binary', val: reply });
  } else if (reply instanceof RedisError) {
    throw other(`Server error - ResponseError: ${refusalText(reply)}`);
  } else if (reply instanceof OtherReply) {
    throw other(`Could not convert Redis response - TypeError: ${reply.what}`);
  } else {
    for (const item of reply) {
      flatten(item, results);
    }
  }
}

/** The reply, unless it says that the server refuses. */
export function accepted(reply: Reply): Exclude<Reply, RedisError> {
  if (reply instanceof RedisError) {
    throw other(refusalText(reply));
  }
  return reply;
}

/** Any single value as its bytes. */
export function bytesOf(reply: Reply): Uint8Array {
  if (reply instanceof Uint8Array) {
    return reply;
  }
  if (typeof reply === 'string' || typeof reply === 'bigint') {
    return Buffer.from(String(reply));
  }
  throw other(incompatibleText('a value'));
}

export function integerOf(reply: Reply): bigint {
  if (typeof reply !== 'bigint') {
    throw other(incompatibleText('a number'));
  }
  return reply;
}

/** What Redis counts fits into memory, so into 32 bits or nearly so. */
function countOf(reply: Reply): number {
  const count = integerOf(reply);
  if (count < 0n || count > 0xffff_ffffn) {
    throw other(incompatibleText('a number of 32 bits'));
  }
  return Number(count);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function textOf(reply: Reply): string {
  try {
    return UTF8.decode(bytesOf(reply));
  } catch (error) {
    throw error instanceof TypeError ? other(incompatibleText('a string of UTF-8')) : error;
  }
}

/** Sends over one connection, which ends with the guest's call: nobody would read the reply. */
export function askOver(connection: RedisConnection, signal: AbortSignal): Ask {
  const giveUp = (): void => connection.destroy();
  return async (command, args) => {
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) {
      giveUp();
    }
    try {
      return await connection.send(command, args);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };
}
