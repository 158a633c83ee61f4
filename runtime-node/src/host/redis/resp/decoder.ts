// Bytes from a Redis server to replies, by pieces of any size. Never holds more than one reply may have, and never
// believes a length before the bytes are there: the server may be anybody's.
import { ProtocolError } from './protocol-error.ts';
import { OtherReply, RedisError, type Reply } from './reply.ts';

export interface DecoderLimits {
  /** What one reply may take here, values counted with VALUE_OVERHEAD. */
  readonly replyBytes: number;
}

/** Roughly what V8 keeps for a value beside its bytes. */
const VALUE_OVERHEAD = 64;

/** Status and error lines; as much as Redis itself takes for an inline command. */
const MAX_LINE_BYTES = 65_536;

/** For a string at first; most are shorter. */
const FIRST_BYTES = 16_384;

/** Redis nests a few levels deep (COMMAND DOCS: 7). */
const MAX_DEPTH = 32;

const [CR, LF] = [13, 10];
const ATTRIBUTE = '|';
const CONTAINERS = '*~>%|';
const STRINGS = '$=!';
const KNOWN_TYPES = `+-:_#,(${CONTAINERS}${STRINGS}`;

interface OpenContainer {
  readonly type: string;
  readonly items: Reply[];
  missing: number;
}

interface OpenString {
  readonly type: string;
  /** Of the content; two more for the line end after it. */
  readonly length: number;
  /** Grows with what has come, never with what was announced. */
  bytes: Buffer;
  taken: number;
}

export class Decoder {
  readonly #limits: DecoderLimits;
  readonly #onReply: (reply: Reply) => void;
  readonly #containers: OpenContainer[] = [];
  #string: OpenString | undefined;
  /** The beginning of a line that has not ended. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  #size = 0;

  /** Messages that the server pushes are dropped: nobody here subscribes. */
  constructor(limits: DecoderLimits, onReply: (reply: Reply) => void) {
    this.#limits = limits;
    this.#onReply = onReply;
  }

  /** Whether a reply has begun and is not complete. */
  get midReply(): boolean {
    return this.#string !== undefined || this.#containers.length > 0 || this.#lineBytes > 0;
  }

  /** Throws ProtocolError; the decoder must not be used again then. */
  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#string === undefined ? this.#readLine(rest) : this.#readString(this.#string, rest);
    }
  }

  #readLine(chunk: Buffer): Buffer {
    const end = chunk.indexOf(LF);
    const piece = end === -1 ? chunk : chunk.subarray(0, end + 1);
    this.#line.push(piece);
    this.#lineBytes += piece.length;
    const [[first = 0, second] = []] = this.#line;
    if (this.#lineBytes > MAX_LINE_BYTES || !KNOWN_TYPES.includes(String.fromCharCode(first))) {
      throw garbage(first, second);
    }
    if (end !== -1) {
      const line = Buffer.concat(this.#line);
      this.#line = [];
      this.#lineBytes = 0;
      if (line.at(-2) !== CR) {
        throw garbage(first, second);
      }
      this.#take(String.fromCharCode(first), line.subarray(1, -2));
    }
    return chunk.subarray(piece.length);
  }

  #take(type: string, line: Buffer): void {
    this.#hold(VALUE_OVERHEAD + line.length);
    if (STRINGS.includes(type)) {
      this.#beginString(type, countOf(type, line));
    } else if (CONTAINERS.includes(type)) {
      this.#beginContainer(type, countOf(type, line));
    } else {
      this.#complete(scalar(type, line));
    }
  }

  #beginString(type: string, length: number): void {
    if (length === -1) {
      this.#complete(null);
      return;
    }
    this.#hold(length);
    this.#string = { type, length, bytes: Buffer.allocUnsafe(Math.min(length + 2, FIRST_BYTES)), taken: 0 };
  }

  #readString(open: OpenString, chunk: Buffer): Buffer {
    const whole = open.length + 2;
    const piece = chunk.subarray(0, whole - open.taken);
    if (open.taken + piece.length > open.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(whole, Math.max(open.bytes.length * 2, open.taken + piece.length)));
      open.bytes.copy(larger, 0, 0, open.taken);
      open.bytes = larger;
    }
    piece.copy(open.bytes, open.taken);
    open.taken += piece.length;
    if (open.taken === whole) {
      this.#string = undefined;
      if (open.bytes[open.length] !== CR || open.bytes[open.length + 1] !== LF) {
        throw garbage(open.bytes[open.length] ?? 0, open.bytes[open.length + 1]);
      }
      this.#complete(string(open.type, open.bytes.subarray(0, open.length)));
    }
    return chunk.subarray(piece.length);
  }

  #beginContainer(type: string, count: number): void {
    if (count === -1) {
      this.#complete(null);
      return;
    }
    if (this.#containers.length === MAX_DEPTH) {
      throw new ProtocolError('the reply is nested too deeply');
    }
    const missing = type === '%' || type === ATTRIBUTE ? count * 2 : count;
    // Not believed yet, but too much in any case.
    if (missing * VALUE_OVERHEAD > this.#limits.replyBytes) {
      throw this.#tooLarge();
    }
    const container = { type, items: [], missing };
    this.#containers.push(container);
    this.#closeFull();
  }

  #complete(reply: Reply): void {
    const container = this.#containers.at(-1);
    if (container === undefined) {
      this.#size = 0;
      this.#onReply(reply);
      return;
    }
    container.items.push(reply);
    container.missing -= 1;
    this.#closeFull();
  }

  #closeFull(): void {
    const container = this.#containers.at(-1);
    if (container === undefined || container.missing > 0) {
      return;
    }
    this.#containers.pop();
    switch (container.type) {
      case ATTRIBUTE:
        // Says something of the value that follows it, which takes its place.
        if (this.#containers.length === 0) {
          this.#size = 0;
        }
        return;
      case '>':
        this.#size = 0;
        return;
      case '%':
        this.#complete(new OtherReply('Redis Map type is not supported'));
        return;
      default:
        this.#complete(container.items);
    }
  }

  #hold(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limits.replyBytes) {
      throw this.#tooLarge();
    }
  }

  #tooLarge(): ProtocolError {
    return new ProtocolError(`query result exceeds limit of ${this.#limits.replyBytes} bytes`);
  }
}

function scalar(type: string, line: Buffer): Reply {
  const text = line.toString('utf8');
  switch (type) {
    case '+':
      return text;
    case '-':
      return new RedisError(text);
    case ':':
      return integer(text);
    case '_':
      return null;
    case '#':
      return text === 't';
    default:
      // Doubles and big numbers: guests get their digits.
      return Buffer.from(line);
  }
}

function string(type: string, bytes: Buffer): Reply {
  switch (type) {
    case '!':
      return new RedisError(bytes.toString('utf8'));
    case '=':
      return new OtherReply('Redis string with format attribute is not supported');
    default:
      return bytes;
  }
}

function integer(text: string): bigint {
  const value = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    throw new ProtocolError('an integer of the reply is none');
  }
  return value;
}

/** Of bytes or of values; -1 is nil. */
function countOf(type: string, line: Buffer): number {
  const text = line.toString('latin1');
  if (text !== '-1' && !/^\d{1,15}$/.test(text)) {
    throw new ProtocolError(`${JSON.stringify(type)} of the reply has no length`);
  }
  return Number(text);
}

/** In the words of the client that Spin uses, which reads two bytes ahead. */
function garbage(first: number, second: number | undefined): ProtocolError {
  const unexpected = second === undefined ? [first] : [second, first];
  const lines = unexpected.map((byte) => `Unexpected \`${byte}\`\n`).join('');
  return new ProtocolError(`parse error - ParseError: Parse error at ${unexpected.length - 1}\n${lines}`);
}
