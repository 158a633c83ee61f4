// What guests print and what failed, on its way from a serving thread to the supervisor: gathered until the event loop
// turns, then sent as one message. Keeps no more than it may: what is beyond is dropped and counted, so that guests
// that print faster than the log takes it cost lines and not memory.
import type { Stdio } from '../host/guest.ts';

/** Lines of the runtime itself, in order with what guests print. */
export type OutputSource =
  | { readonly kind: 'guest'; readonly component: string; readonly stream: Stdio }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'access' }
  | { readonly kind: 'note' };

export interface OutputBatch {
  /** Each with the number of bytes that are its own, in order. */
  readonly parts: readonly { readonly source: OutputSource; readonly bytes: number }[];
  /** Of all parts, one after the other; its buffer is nobody else's. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it counts for in `taken`. */
  readonly cost: number;
}

export interface OutboxEffects {
  readonly send: (batch: OutputBatch) => void;
  /** How many of the bytes that were sent have been taken so far. */
  readonly taken: () => number;
  /** Calls `then` when the event loop has turned. */
  readonly soon: (then: () => void) => void;
  /** Calls `then` after a while, unless the thread has ended. */
  readonly later: (then: () => void) => void;
  /** Each write of a guest stays one part: somebody wants to know them apart. */
  readonly apart?: () => boolean;
}

/** Sent and not taken, and waiting to be sent: some seconds of what a log collector takes. */
export const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Sent without waiting for the event loop: a guest that prints much keeps it from turning. */
const BATCH_BYTES = 65_536;

/** What a record costs besides its text, roughly; empty ones cost memory too. */
const RECORD_BYTES = 64;

interface Part {
  readonly source: OutputSource;
  readonly pieces: Uint8Array[];
  bytes: number;
}

export class Outbox {
  readonly #effects: OutboxEffects;
  #parts: Part[] = [];
  #waiting = 0;
  #sent = 0;
  #dropped = 0;
  #due = false;

  constructor(effects: OutboxEffects) {
    this.#effects = effects;
  }

  readonly guest = (component: string, stream: Stdio, bytes: Uint8Array): void => {
    this.#tellOfLoss();
    const last = this.#parts.at(-1);
    const same =
      this.#effects.apart?.() !== true &&
      last?.source.kind === 'guest' &&
      last.source.component === component &&
      last.source.stream === stream;
    this.#add(same ? last : { kind: 'guest', component, stream }, bytes);
  };

  readonly error = (message: string, error: unknown): void => {
    this.#tellOfLoss();
    this.#add({ kind: 'error', message }, Buffer.from(error instanceof Error ? error.message : String(error)));
  };

  /** A line of the access log. */
  readonly access = (line: string): void => {
    this.#tellOfLoss();
    const last = this.#parts.at(-1);
    this.#add(last?.source.kind === 'access' ? last : { kind: 'access' }, Buffer.from(`${line}\n`));
  };

  readonly note = (line: string): void => {
    this.#tellOfLoss();
    this.#add({ kind: 'note' }, Buffer.from(line));
  };

  /** Now, for a thread that ends. */
  flush(): void {
    this.#due = false;
    this.#tellOfLoss();
    if (this.#parts.length > 0) {
      this.#send();
    }
    if (this.#dropped > 0) {
      this.#retry();
    }
  }

  #send(): void {
    const bytes = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.bytes, 0));
    let at = 0;
    for (const piece of this.#parts.flatMap(({ pieces }) => pieces)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    const parts = this.#parts.map((part) => ({ source: part.source, bytes: part.bytes }));
    const cost = this.#waiting;
    this.#sent += cost;
    this.#parts = [];
    this.#waiting = 0;
    this.#effects.send({ parts, bytes, cost });
  }

  #add(to: Part | OutputSource, bytes: Uint8Array): void {
    const joined = 'pieces' in to;
    const cost = bytes.length + (joined ? 0 : RECORD_BYTES);
    if (this.#dropped > 0 || this.#inFlight + cost > MAX_OUTPUT_BYTES) {
      // Once something is lost, all that follows is, until the gap has been told: a reader must see where it is.
      this.#dropped += bytes.length;
      this.#retry();
      return;
    }
    if (joined) {
      to.pieces.push(bytes);
      to.bytes += bytes.length;
    } else {
      this.#parts.push({ source: to, pieces: [bytes], bytes: bytes.length });
    }
    this.#waiting += cost;
    if (this.#waiting >= BATCH_BYTES) {
      this.#send();
    } else if (!this.#due) {
      this.#due = true;
      this.#effects.soon(() => this.flush());
    }
  }

  get #inFlight(): number {
    return this.#sent - this.#effects.taken() + this.#waiting;
  }

  /**
   * When half of the room is there again, so that one gap does not become a thousand. Asked before each piece too: what
   * is printed after that does not belong to the gap, only because nobody has looked.
   */
  #tellOfLoss(): void {
    if (this.#dropped > 0 && this.#inFlight <= MAX_OUTPUT_BYTES / 2) {
      const line = Buffer.from(`${this.#dropped} bytes of output dropped: the log takes it too slowly`);
      this.#dropped = 0;
      this.#parts.push({ source: { kind: 'note' }, pieces: [line], bytes: line.length });
    }
  }

  #retry(): void {
    if (!this.#due) {
      this.#due = true;
      this.#effects.later(() => this.flush());
    }
  }
}

/** The parts of a batch with their bytes. */
export function* partsOf({ parts, bytes }: OutputBatch): Generator<[OutputSource, Uint8Array]> {
  let at = 0;
  for (const part of parts) {
    yield [part.source, bytes.subarray(at, at + part.bytes)];
    at += part.bytes;
  }
}
