// Streams and futures as the host has them: a reading end that it got from a guest, or one that it gives to a guest, over
// a source of its own. Passing one on gives it away.
import { Channel, type Batch, type Reader, type Source } from './channel.ts';
import { COPY, type CopyResult } from './events.ts';

/** The writing end was dropped without a value: its guest has ended, or was never going to write. */
export class FutureDropped extends Error {
  override readonly name = 'FutureDropped';

  constructor() {
    super('the future was dropped without a value');
  }
}

abstract class HostEnd implements Disposable {
  #channel: Channel | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Whether it can still be read or passed on. */
  get open(): boolean {
    return this.#channel !== undefined;
  }

  protected get channel(): Channel {
    if (this.#channel === undefined) {
      throw new TypeError('a stream or future was used after it had been given away');
    }
    return this.#channel;
  }

  /** For who passes it on: it cannot be used any more. */
  giveAway(): Channel {
    const { channel } = this;
    this.#channel = undefined;
    return channel;
  }

  /** Tells the writing end that nobody reads. */
  [Symbol.dispose](): void {
    this.#channel?.drop();
    this.#channel = undefined;
  }
}

/** A `stream<T>`; batches of a `stream<u8>` are Uint8Arrays, others are arrays. */
export class StreamReader<B extends Batch = Uint8Array> extends HostEnd {
  /** Of the host, to be given to a guest: `read` is asked when the guest reads. */
  static from<B extends Batch>(source: {
    read(most: number): B | undefined | Promise<B | undefined>;
    close?(): void;
  }): StreamReader<B> {
    return new StreamReader<B>(new Channel(source as Source));
  }

  /** At most `most` elements; undefined at the end. One read at a time. */
  read(most: number): B | undefined | Promise<B | undefined> {
    return new HostRead(most).run(this.channel) as B | undefined | Promise<B | undefined>;
  }
}

/** A `future<T>`. */
export class FutureReader<T = unknown> extends HostEnd {
  /** Of the host: the value, a promise of it, or a function that is called when the guest reads. */
  static from<T>(value: T | Promise<T> | (() => T | Promise<T>)): FutureReader<T> {
    return new FutureReader<T>(new Channel(new Once(value)));
  }

  /** Rejects with FutureDropped when there will be no value. */
  async read(): Promise<T> {
    const batch = await new HostRead(1).run(this.channel);
    if (batch === undefined) {
      throw new FutureDropped();
    }
    return batch[0] as T;
  }
}

/** A single value as a source. */
class Once<T> implements Source {
  readonly #value: T | Promise<T> | (() => T | Promise<T>);

  constructor(value: T | Promise<T> | (() => T | Promise<T>)) {
    this.#value = value;
    if (value instanceof Promise) {
      value.catch(() => {
        // expected: whoever reads hears of it, and perhaps nobody does.
      });
    }
  }

  read(): readonly T[] | Promise<readonly T[]> {
    const value = this.#value;
    const given = typeof value === 'function' ? (value as () => T | Promise<T>)() : value;
    return given instanceof Promise ? given.then((settled) => [settled]) : [given];
  }
}

/** One read of the host. */
class HostRead implements Reader {
  readonly #most: number;
  #batch: Batch | undefined;
  #settled: { readonly error?: unknown } | undefined;
  #waiting: PromiseWithResolvers<Batch | undefined> | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  run(channel: Channel): Batch | undefined | Promise<Batch | undefined> {
    channel.read(this);
    if (this.#settled === undefined) {
      this.#waiting = Promise.withResolvers();
      return this.#waiting.promise;
    }
    if ('error' in this.#settled) {
      throw this.#settled.error;
    }
    return this.#batch;
  }

  get room(): number {
    return this.#most - (this.#batch?.length ?? 0);
  }

  put(batch: Batch): void {
    // A copy: bytes are those of a guest's memory.
    this.#batch = batch.slice();
  }

  copied(release: () => void): void {
    release();
    this.done(COPY.completed);
  }

  done(result: CopyResult): void {
    if (result === COPY.dropped && this.#batch?.length === 0) {
      this.#batch = undefined;
    }
    this.#settled = {};
    this.#waiting?.resolve(this.#batch);
  }

  failed(error: unknown): void {
    this.#settled = { error };
    this.#waiting?.reject(error);
  }
}
