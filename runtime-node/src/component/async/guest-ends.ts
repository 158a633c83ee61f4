// The ends of streams and futures in a guest's table (CanonicalABI.md "Stream State", "canon {stream,future}.*"): one
// copy at a time, which ends with an event.
import type { HostResource } from '../abi/resource-identity.ts';
import type { GuestResourceOwner } from '../abi/guest-resource.ts';
import { Trap } from '../host-interface.ts';
import type { Batch, Channel, Reader, Writer } from './channel.ts';
import { BLOCKED, CODE_BITS, COPY, EVENT, type CopyResult, type Event } from './events.ts';
import type { ElementType, GuestBuffer } from './guest-buffer.ts';
import { Waitable } from './waitable.ts';

export type ChannelKind = 'stream' | 'future';

/** A `stream<T>` or `future<T>`. */
export interface ChannelType {
  readonly kind: ChannelKind;
  readonly element: ElementType;
}

type EndState = 'idle' | 'copying' | 'done';

abstract class GuestEnd extends Waitable {
  readonly channel: Channel;
  readonly type: ChannelType;
  protected buffer: GuestBuffer | undefined;
  readonly #owner: GuestResourceOwner;
  #state: EndState = 'idle';

  constructor(channel: Channel, type: ChannelType, owner: GuestResourceOwner) {
    super();
    this.channel = channel;
    this.type = type;
    this.#owner = owner;
  }

  get state(): EndState {
    return this.#state;
  }

  /** Begins a copy; gives what the guest is told: how it went, or that it is under way. */
  begin(buffer: GuestBuffer): number {
    const { kind } = this.type;
    if (this.#state === 'copying') {
      throw new Trap(`cannot have concurrent operations active on a ${kind}`);
    }
    if (this.#state === 'done') {
      throw new Trap(`cannot use a ${kind} after its end`);
    }
    this.buffer = buffer;
    this.#state = 'copying';
    this.start();
    return this.hasEvent ? this.takeEvent()[2] : BLOCKED;
  }

  cancel(): number {
    if (this.#state !== 'copying') {
      throw new Trap(`${this.type.kind} operation cancelled when none is pending`);
    }
    if (!this.hasEvent) {
      this.channel.cancel(this.party);
    }
    return this.takeEvent()[2];
  }

  /** `drop-readable` and `drop-writable`. */
  drop(): void {
    if (this.#state === 'copying') {
      throw new Trap(`cannot remove busy ${this.type.kind}`);
    }
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.join(undefined);
    this.buffer = undefined;
    this.channel.drop();
  }

  copied(release: () => void): void {
    if (this.type.kind === 'future') {
      // There is no more to come, and that the other end goes now is no news.
      release();
      this.done(COPY.completed);
    } else {
      this.#finish(COPY.completed, release);
    }
  }

  done(result: CopyResult): void {
    this.#finish(result, undefined);
  }

  failed(error: unknown): void {
    this.#owner.failed(error);
  }

  protected abstract readonly party: Reader | Writer;
  protected abstract readonly eventCode: number;
  protected abstract start(): void;

  /** From now on the guest can hear of it; what is copied until it does is counted too. */
  #finish(result: CopyResult, release: (() => void) | undefined): void {
    this.setEvent((): Event => {
      release?.();
      const progress = this.buffer?.progress ?? 0;
      this.buffer = undefined;
      const over = result === COPY.dropped || (this.type.kind === 'future' && result === COPY.completed);
      this.#state = over ? 'done' : 'idle';
      const count = this.type.kind === 'stream' ? progress << CODE_BITS : 0;
      return [this.eventCode, this.handle, (count | result) >>> 0];
    });
  }
}

export class ReadableEnd extends GuestEnd implements Reader {
  get room(): number {
    return this.buffer?.rest ?? 0;
  }

  put(batch: Batch): void {
    this.buffer?.put(batch);
  }

  protected get party(): Reader {
    return this;
  }

  protected get eventCode(): number {
    return this.type.kind === 'stream' ? EVENT.streamRead : EVENT.futureRead;
  }

  protected start(): void {
    this.channel.read(this);
  }
}

export class WritableEnd extends GuestEnd implements Writer {
  get rest(): number {
    return this.buffer?.rest ?? 0;
  }

  take(most: number): Batch {
    return this.buffer?.take(most) ?? [];
  }

  protected get party(): Writer {
    return this;
  }

  protected get eventCode(): number {
    return this.type.kind === 'stream' ? EVENT.streamWrite : EVENT.futureWrite;
  }

  protected start(): void {
    this.channel.write(this);
  }
}

/** How the table tells them from other handles; whose stream it is, `type` says. */
export const READABLE: HostResource = { origin: 'host', name: 'a readable end', hostClass: ReadableEnd };
export const WRITABLE: HostResource = { origin: 'host', name: 'a writable end', hostClass: WritableEnd };

/** Throws unless the end is one of `type`. */
export function checkType(end: ReadableEnd | WritableEnd, type: ChannelType): void {
  if (end.type.kind !== type.kind || end.type.element.key !== type.element.key) {
    throw new Trap(`handle index ${end.handle} is of another ${end.type.kind} type`);
  }
}
