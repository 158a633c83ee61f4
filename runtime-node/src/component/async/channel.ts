// What lies between the two ends of a stream or future: at most one read or write that waits for its counterpart, or a
// source of the host that is asked when somebody reads. Nothing is buffered but what a source gave too much.
// CanonicalABI.md "Stream State", "Future State".
import { COPY, type CopyResult } from './events.ts';

/** Elements on their way: bytes of a `stream<u8>`, which the taker has to copy, or values. */
export type Batch = Uint8Array | readonly unknown[];

/** A read that is under way. */
export interface Reader {
  /** Elements that it can still take. */
  readonly room: number;
  put(batch: Batch): void;
  /** Something was put; more may come until `release` is called. */
  copied(release: () => void): void;
  done(result: CopyResult): void;
  /** The source has thrown. */
  failed(error: unknown): void;
}

/** A write that is under way. */
export interface Writer {
  /** Elements that it still has. */
  readonly rest: number;
  /** May give fewer. */
  take(most: number): Batch;
  copied(release: () => void): void;
  done(result: CopyResult): void;
}

/** What the host gives for a stream. */
export interface Source {
  /** The next elements, about `most` at a time, but not none; undefined at the end. */
  read(most: number): Batch | undefined | Promise<Batch | undefined>;
  /** Nobody reads any more. */
  close?(): void;
}

/** What a source is asked for when a guest has room for more: it need not make more at once. */
const MOST_ASKED = 2 ** 20;

export class Channel {
  readonly #source: Source | undefined;
  #reader: Reader | undefined;
  #writer: Writer | undefined;
  #dropped = false;
  /** What the source gave and nobody has taken yet. */
  #rest: Batch | undefined;
  #asking = false;

  constructor(source?: Source) {
    this.#source = source;
  }

  read(reader: Reader): void {
    const writer = this.#writer;
    if (this.#dropped) {
      reader.done(COPY.dropped);
    } else if (this.#source !== undefined) {
      this.#readSource(reader, this.#source);
    } else if (writer === undefined) {
      this.#reader = reader;
    } else if (writer.rest > 0) {
      if (reader.room > 0) {
        reader.put(writer.take(reader.room));
        writer.copied(() => this.#forget(writer));
      }
      reader.done(COPY.completed);
    } else {
      this.#writer = undefined;
      this.#reader = reader;
      writer.done(COPY.completed);
    }
  }

  write(writer: Writer): void {
    const reader = this.#reader;
    if (this.#dropped) {
      writer.done(COPY.dropped);
    } else if (reader === undefined) {
      this.#writer = writer;
    } else if (reader.room > 0) {
      if (writer.rest > 0) {
        reader.put(writer.take(reader.room));
        reader.copied(() => this.#forget(reader));
      }
      writer.done(COPY.completed);
    } else if (writer.rest === 0) {
      writer.done(COPY.completed);
    } else {
      this.#reader = undefined;
      this.#writer = writer;
      reader.done(COPY.completed);
    }
  }

  /** Ends the read or write that is under way. */
  cancel(party: Reader | Writer): void {
    this.#forget(party);
    party.done(COPY.cancelled);
  }

  /** One of the two ends is gone. */
  drop(): void {
    if (this.#dropped) {
      return;
    }
    this.#dropped = true;
    this.#rest = undefined;
    const pending = this.#reader ?? this.#writer;
    this.#reader = undefined;
    this.#writer = undefined;
    this.#source?.close?.();
    pending?.done(COPY.dropped);
  }

  #forget(party: Reader | Writer): void {
    if (this.#reader === party) {
      this.#reader = undefined;
    } else if (this.#writer === party) {
      this.#writer = undefined;
    }
  }

  #readSource(reader: Reader, source: Source): void {
    if (this.#rest !== undefined) {
      this.#serve(reader, this.#rest);
      return;
    }
    this.#reader = reader;
    if (this.#asking) {
      // An earlier read was called off; what it asked for is for this one.
      return;
    }
    let answer: Batch | undefined | Promise<Batch | undefined>;
    try {
      answer = source.read(Math.min(Math.max(reader.room, 1), MOST_ASKED));
    } catch (error) {
      // expected: told to whom it concerns
      this.#sourceFailed(error);
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#answered(answer);
      return;
    }
    this.#asking = true;
    answer.then(
      (batch) => {
        this.#asking = false;
        this.#answered(batch);
      },
      (error: unknown) => {
        this.#asking = false;
        this.#sourceFailed(error);
      },
    );
  }

  #answered(batch: Batch | undefined): void {
    if (this.#dropped) {
      return;
    }
    if (batch === undefined) {
      this.#dropped = true;
      this.#reader?.done(COPY.dropped);
      this.#reader = undefined;
      return;
    }
    this.#rest = batch;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      this.#serve(reader, batch);
    }
  }

  #serve(reader: Reader, batch: Batch): void {
    const count = Math.min(reader.room, batch.length);
    if (count === batch.length) {
      this.#rest = undefined;
      reader.put(batch);
    } else {
      this.#rest = part(batch, count, batch.length);
      reader.put(part(batch, 0, count));
    }
    reader.done(COPY.completed);
  }

  #sourceFailed(error: unknown): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#dropped = true;
    reader?.failed(error);
  }
}

/** Bytes are not copied. */
const part = (batch: Batch, from: number, to: number): Batch =>
  batch instanceof Uint8Array ? batch.subarray(from, to) : batch.slice(from, to);
