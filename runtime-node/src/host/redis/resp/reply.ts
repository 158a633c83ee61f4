// What a Redis server answers, as RESP 2 and the types of RESP 3 that a guest may ask for with HELLO 3
// (https://redis.io/docs/latest/develop/reference/protocol-spec/).

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
