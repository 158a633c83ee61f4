// Watches what a Redis server sends before the client decodes it: finds where replies begin and end, notes what kind each
// value is, and refuses what the client would not survive (docs/design/20261121-database-drivers.md). Decodes nothing.
import { ProtocolError } from './protocol-error.ts';

export interface ReplyLimits {
  /** What one reply may take here, values counted with their overhead. */
  readonly replyBytes: number;
}

/** Roughly what V8 keeps for a value beside its bytes. */
const VALUE_OVERHEAD = 64;

/** In the array that holds a value. */
const SLOT_BYTES = 8;

/** `txt:` */
const VERBATIM_PREFIX = 4;

/** The client makes an Error of each, with a stack of two lines. */
const ERROR_OVERHEAD = 1024;

/** Status and error lines; as much as Redis itself takes for an inline command. */
const MAX_LINE_BYTES = 65_536;

/** Redis nests a few levels deep (COMMAND DOCS: 7). */
const MAX_DEPTH = 32;

const [CR, LF] = [13, 10];

/** The first byte of a value in RESP 2 and 3. */
export const KIND = {
  simple: '+',
  error: '-',
  integer: ':',
  nil: '_',
  boolean: '#',
  double: ',',
  bigNumber: '(',
  bulk: '$',
  bulkError: '!',
  verbatim: '=',
  array: '*',
  set: '~',
  map: '%',
  push: '>',
  attribute: '|',
} as const;

export type Kind = (typeof KIND)[keyof typeof KIND];

const KINDS: ReadonlySet<string> = new Set(Object.values(KIND));
const isKind = (text: string): text is Kind => KINDS.has(text);

interface OpenContainer {
  readonly kind: Kind;
  missing: number;
}

export class ReplyGuard {
  readonly #limits: ReplyLimits;
  readonly #onReply: (kinds: readonly Kind[]) => void;
  readonly #containers: OpenContainer[] = [];
  /** The beginning of a line that has not ended. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** Of a string's content and the line end after it. */
  #stringLeft = 0;
  #size = 0;
  /** Of the reply so far, each container before what it holds. */
  #kinds: Kind[] = [];

  /** `onReply` is told of each reply before the client gets its end. */
  constructor(limits: ReplyLimits, onReply: (kinds: readonly Kind[]) => void) {
    this.#limits = limits;
    this.#onReply = onReply;
  }

  /** Whether a reply has begun and is not complete. */
  get midReply(): boolean {
    return this.#stringLeft > 0 || this.#containers.length > 0 || this.#lineBytes > 0;
  }

  /**
   * What the client may have of these bytes: lines once they are whole and right, and neither what a server pushes nor
   * attributes, for which guests have no form. Throws ProtocolError; must not be used again then.
   */
  *inspect(chunk: Buffer): Generator<Buffer> {
    /** What the client has not been given yet begins here. */
    let from = 0;
    let complete = 0;
    try {
      for (let at = 0; at < chunk.length;) {
        let dropped = this.#isDropping;
        if (this.#stringLeft > 0) {
          at = this.#skipString(chunk, at);
          from = dropped ? at : from;
        } else {
          const begin = at;
          const line = this.#readLine(chunk, begin);
          if (line === undefined) {
            yield chunk.subarray(from, begin);
            return;
          }
          at = chunk.indexOf(LF, begin) + 1;
          const kind = this.#value(line);
          dropped ||= isDropped(kind);
          if (dropped || line.length > at - begin) {
            yield chunk.subarray(from, Math.max(from, begin));
            from = at;
          }
          if (!dropped && line.length > at - begin) {
            yield line;
          }
        }
        complete = this.midReply ? complete : at;
      }
      yield chunk.subarray(from);
    } catch (error) {
      // Those who asked before get their answers.
      yield chunk.subarray(from, Math.max(from, complete));
      throw error;
    }
  }

  get #isDropping(): boolean {
    return this.#containers.some(({ kind }) => isDropped(kind));
  }

  /** Gives where it goes on. */
  #skipString(chunk: Buffer, at: number): number {
    const end = at + Math.min(this.#stringLeft, chunk.length - at);
    const lineFeed = at + this.#stringLeft - 1;
    const carriageReturn = lineFeed - 1;
    if (
      (carriageReturn >= at && carriageReturn < end && chunk[carriageReturn] !== CR) ||
      (lineFeed < end && chunk[lineFeed] !== LF)
    ) {
      throw garbage(chunk[carriageReturn] ?? 0, chunk[lineFeed]);
    }
    this.#stringLeft -= end - at;
    if (this.#stringLeft === 0) {
      this.#complete();
    }
    return end;
  }

  /** With its end; undefined: it has not ended. */
  #readLine(chunk: Buffer, at: number): Buffer | undefined {
    const end = chunk.indexOf(LF, at);
    const piece = chunk.subarray(at, end === -1 ? chunk.length : end + 1);
    this.#line.push(piece);
    this.#lineBytes += piece.length;
    const [[first = 0, second] = []] = this.#line;
    if (this.#lineBytes > MAX_LINE_BYTES || !KINDS.has(String.fromCharCode(first))) {
      throw garbage(first, second);
    }
    if (end === -1) {
      return undefined;
    }
    const line = this.#line.length === 1 ? piece : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    // The client ends a line at its first CR, whatever follows.
    if (line.indexOf(CR) !== line.length - 2) {
      throw garbage(first, second);
    }
    return line;
  }

  #value(line: Buffer): Kind {
    const kind = String.fromCharCode(line[0] ?? 0);
    if (!isKind(kind) || (kind === KIND.push && this.#containers.length > 0)) {
      throw garbage(line[0] ?? 0, line[1]);
    }
    const text = line.toString('latin1', 1, line.length - 2);
    if (!this.#isDropping && !isDropped(kind)) {
      this.#kinds.push(text === '-1' && (kind === KIND.bulk || kind === KIND.array) ? KIND.nil : kind);
    }
    switch (kind) {
      case KIND.bulk:
      case KIND.bulkError:
      case KIND.verbatim:
        this.#beginString(kind, text);
        break;
      case KIND.array:
      case KIND.set:
      case KIND.map:
      case KIND.push:
      case KIND.attribute:
        this.#beginContainer(kind, text);
        break;
      default:
        checkScalar(kind, text);
        this.#hold((kind === KIND.error ? ERROR_OVERHEAD : VALUE_OVERHEAD) + text.length);
        this.#complete();
    }
    return kind;
  }

  #beginString(kind: Kind, text: string): void {
    const length = countOf(kind, text, kind === KIND.bulk);
    if (kind === KIND.verbatim && length < VERBATIM_PREFIX) {
      throw noLength(kind);
    }
    this.#hold((kind === KIND.bulkError ? ERROR_OVERHEAD : VALUE_OVERHEAD) + Math.max(length, 0));
    if (length === -1) {
      this.#complete();
    } else {
      this.#stringLeft = length + 2;
    }
  }

  #beginContainer(kind: Kind, text: string): void {
    const count = countOf(kind, text, kind === KIND.array);
    if (count === -1) {
      this.#complete();
      return;
    }
    if (this.#containers.length === MAX_DEPTH) {
      throw new ProtocolError('the reply is nested too deeply');
    }
    const missing = kind === KIND.map || kind === KIND.attribute ? count * 2 : count;
    // The client makes room for as many as are announced, at once.
    this.#hold((missing + 1) * SLOT_BYTES);
    this.#containers.push({ kind, missing });
    this.#closeFull();
  }

  #complete(): void {
    const container = this.#containers.at(-1);
    if (container === undefined) {
      const kinds = this.#kinds;
      this.#kinds = [];
      this.#size = 0;
      this.#onReply(kinds);
      return;
    }
    container.missing -= 1;
    this.#closeFull();
  }

  #closeFull(): void {
    const container = this.#containers.at(-1);
    if (container === undefined || container.missing > 0) {
      return;
    }
    this.#containers.pop();
    if (!isDropped(container.kind)) {
      this.#complete();
    } else if (this.#containers.length === 0) {
      this.#size = 0;
    }
  }

  #hold(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limits.replyBytes) {
      throw new ProtocolError(`query result exceeds limit of ${this.#limits.replyBytes} bytes`);
    }
  }
}

const isDropped = (kind: Kind): boolean => kind === KIND.push || kind === KIND.attribute;

/** What the client reads by its length must have it. */
function checkScalar(kind: Kind, text: string): void {
  if (kind === KIND.integer) {
    const value = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined || BigInt.asIntN(64, value) !== value) {
      throw new ProtocolError('an integer of the reply is none');
    }
  } else if ((kind === KIND.nil && text !== '') || (kind === KIND.boolean && !/^[tf]$/.test(text))) {
    throw noLength(kind);
  }
}

/** Of bytes or of values; -1 is nil. */
function countOf(kind: Kind, text: string, mayBeNil: boolean): number {
  if (!/^\d{1,15}$/.test(text) && !(mayBeNil && text === '-1')) {
    throw noLength(kind);
  }
  return Number(text);
}

const noLength = (kind: Kind): ProtocolError => new ProtocolError(`${JSON.stringify(kind)} of the reply has no length`);

/** In the words of the client that Spin uses, which reads two bytes ahead. */
function garbage(first: number, second: number | undefined): ProtocolError {
  const unexpected = second === undefined ? [first] : [second, first];
  const lines = unexpected.map((byte) => `Unexpected \`${byte}\`\n`).join('');
  return new ProtocolError(`parse error - ParseError: Parse error at ${unexpected.length - 1}\n${lines}`);
}
