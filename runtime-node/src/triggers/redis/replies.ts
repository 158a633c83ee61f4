// What a Redis server sends to a subscriber, by pieces of any size: status lines, errors, and flat lists of strings and
// integers (RESP 2, https://redis.io/docs/latest/develop/reference/protocol-spec/). Holds no more than one of them may have,
// and believes no length before the bytes are there. The client that outbound Redis has reads whatever comes, and hands on
// messages without ever waiting for who takes them; that is why it is not used here.

/** A list: numbers are not told apart from strings, since no subscriber asks for any. */
export type Reply =
  | { readonly kind: 'status' | 'error'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Buffer[] };

export class NotRedis extends Error {
  override readonly name = 'NotRedis';
}

/** Status and error lines; as much as Redis itself takes for an inline command. */
const MAX_LINE_BYTES = 65_536;

/** `message`, channel, payload; with a pattern one more. */
const MAX_ITEMS = 4;

/** For a string at first; most are shorter. */
const FIRST_BYTES = 16_384;

const [CR, LF] = [13, 10];

export class ReplyReader {
  readonly #maxBytes: number;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #list: { readonly items: Buffer[]; missing: number } | undefined;
  /** Grows with what has come, never with what was announced; two bytes more than the string, for the line end. */
  #string: { bytes: Buffer; taken: number; readonly whole: number } | undefined;

  /** `maxBytes` is what a string may have. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a reply has begun and is not complete. */
  get midReply(): boolean {
    return this.#list !== undefined || this.#lineBytes > 0;
  }

  /** Throws NotRedis; the reader must not be used again then. */
  *read(chunk: Buffer): Generator<Reply> {
    for (let rest = chunk; rest.length > 0;) {
      const piece = this.#string === undefined ? this.#takeLine(rest) : this.#takeString(this.#string, rest);
      rest = rest.subarray(piece.taken);
      if (piece.reply !== undefined) {
        yield piece.reply;
      }
    }
  }

  #takeLine(chunk: Buffer): { taken: number; reply?: Reply } {
    const end = chunk.indexOf(LF);
    const piece = end === -1 ? chunk : chunk.subarray(0, end + 1);
    this.#line.push(piece);
    this.#lineBytes += piece.length;
    const first = String.fromCharCode(this.#line[0]?.[0] ?? 0);
    if (this.#lineBytes > MAX_LINE_BYTES || !'+-:$*'.includes(first)) {
      throw new NotRedis('the server does not speak the protocol of Redis');
    }
    if (end === -1) {
      return { taken: piece.length };
    }
    const line = Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    const reply = this.#value(first, line.toString('utf8', 1).trimEnd());
    return { taken: piece.length, ...(reply === undefined ? {} : { reply }) };
  }

  #value(type: string, text: string): Reply | undefined {
    switch (type) {
      case '*':
        this.#beginList(lengthOf(text));
        return undefined;
      case '$':
        this.#beginString(lengthOf(text));
        return undefined;
      case ':':
        return this.#item(Buffer.from(text));
      default:
        if (this.#list !== undefined) {
          throw new NotRedis('a list of the server has a status in it');
        }
        return { kind: type === '+' ? 'status' : 'error', text };
    }
  }

  #beginList(length: number): void {
    if (this.#list !== undefined || length === 0 || length > MAX_ITEMS) {
      throw new NotRedis('the server sends a list that no subscriber gets');
    }
    this.#list = { items: [], missing: length };
  }

  #beginString(length: number): void {
    if (length > this.#maxBytes) {
      throw new NotRedis(`a message exceeds the limit of ${this.#maxBytes} bytes`);
    }
    const whole = length + 2;
    this.#string = { bytes: Buffer.allocUnsafe(Math.min(whole, FIRST_BYTES)), taken: 0, whole };
  }

  #takeString(
    open: { bytes: Buffer; taken: number; readonly whole: number },
    chunk: Buffer,
  ): { taken: number; reply?: Reply } {
    const piece = chunk.subarray(0, open.whole - open.taken);
    if (open.taken + piece.length > open.bytes.length) {
      const larger = Buffer.allocUnsafe(
        Math.min(open.whole, Math.max(open.bytes.length * 2, open.taken + piece.length)),
      );
      open.bytes.copy(larger, 0, 0, open.taken);
      open.bytes = larger;
    }
    piece.copy(open.bytes, open.taken);
    open.taken += piece.length;
    if (open.taken < open.whole) {
      return { taken: piece.length };
    }
    this.#string = undefined;
    if (open.bytes[open.whole - 2] !== CR || open.bytes[open.whole - 1] !== LF) {
      throw new NotRedis('a string of the server is longer than it says');
    }
    const reply = this.#item(open.bytes.subarray(0, open.whole - 2));
    return { taken: piece.length, ...(reply === undefined ? {} : { reply }) };
  }

  #item(item: Buffer): Reply | undefined {
    if (this.#list === undefined) {
      throw new NotRedis('the server answers what nobody asked');
    }
    this.#list.items.push(item);
    this.#list.missing -= 1;
    if (this.#list.missing > 0) {
      return undefined;
    }
    const { items } = this.#list;
    this.#list = undefined;
    return { kind: 'list', items };
  }
}

/** Those of subscribers are never nil, but for `unsubscribe`. */
function lengthOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new NotRedis('a length of the server is none');
  }
  return Number(text);
}

/** A command as an array of bulk strings. */
export const encodeCommand = (parts: readonly string[]): string =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
