// What a Redis server answers, as RESP 2 and the types of RESP 3 that a guest may ask for with HELLO 3
// (https://redis.io/docs/latest/develop/reference/protocol-spec/).
import { KIND, type Kind } from './reply-guard.ts';

/** null: nil; string: a simple string; bigint: an integer; bytes: a bulk string. */
export type Reply = null | string | bigint | boolean | Uint8Array | RedisError | OtherReply | readonly Reply[];

/** The server refuses a command. Nothing is wrong with the connection. */
export class RedisError {
  /** `WRONGTYPE`, `ERR`, `NOAUTH`. */
  readonly code: string;
  readonly detail: string | undefined;

  constructor(line: string) {
    const space = line.indexOf(' ');
    this.code = space === -1 ? line : line.slice(0, space);
    this.detail = space === -1 ? undefined : line.slice(space + 1);
  }
}

/** A value of RESP 3 that Spin's interfaces have no form for. */
export class OtherReply {
  /** As Spin names it to the guest. */
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/**
 * What the client has made of a reply as what it was: `kinds` of its values, each container before what it holds. The
 * client gives bytes for simple strings and bulk strings alike, lists for maps, numbers for booleans.
 */
export function replyOf(value: unknown, kinds: readonly Kind[]): Reply {
  let at = 0;
  const next = (one: unknown): Reply => {
    const kind = kinds[at];
    at += 1;
    const items = Array.isArray(one) ? one.map(next) : undefined;
    if (one === null) {
      return null;
    }
    switch (kind) {
      case KIND.simple:
        return String(one);
      case KIND.integer:
        return BigInt(String(one));
      case KIND.boolean:
        return Boolean(one);
      case KIND.bulk:
        return one instanceof Uint8Array ? one : Buffer.from(String(one));
      case KIND.double:
      case KIND.bigNumber:
        // Guests get their digits.
        return Buffer.from(String(one));
      case KIND.error:
      case KIND.bulkError:
        return new RedisError(one instanceof Error ? one.message : String(one));
      case KIND.verbatim:
        return new OtherReply('Redis string with format attribute is not supported');
      case KIND.map:
        return new OtherReply('Redis Map type is not supported');
      default:
        return items ?? [];
    }
  };
  return next(value);
}
