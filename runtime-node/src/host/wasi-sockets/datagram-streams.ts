// The two directions of a UDP socket: resources over what the socket receives and sends.
import { ok, Trap, type Result } from '../../component/index.ts';
import { PollableSource } from '../io/streams.ts';
import {
  fromWit,
  isOfFamily,
  isRemote,
  sameAddress,
  toWit,
  type IpSocketAddress,
  type SocketAddress,
  type IpAddressFamily,
} from './address.ts';
import type { DatagramQueue } from './datagram-queue.ts';
import { fail, type ErrorCode } from './error-code.ts';

export interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

/** What the streams need of their socket. */
export interface DatagramTransport {
  readonly family: IpAddressFamily;
  readonly inbox: DatagramQueue;
  /** A datagram has arrived, or an error. */
  readonly readable: boolean;
  waitReadable(): Promise<void>;
  /** Each error is told once. */
  takeError(): ErrorCode | undefined;
  maySendTo(remote: SocketAddress): boolean;
  /** `to` undefined: to where the socket is connected. */
  send(data: Uint8Array, to: SocketAddress | undefined): Promise<ErrorCode | undefined>;
}

/** Datagrams that one `send` may carry, as in wasmtime. */
const PERMITTED = 16;

/** More than can be queued (datagram-queue.ts), and still an exact number. */
const MAX_RESULTS = 1_000_000n;

export class IncomingDatagramStream extends PollableSource implements Disposable {
  readonly #socket: DatagramTransport;
  readonly #onDrop: () => void;

  constructor(socket: DatagramTransport, onDrop: () => void) {
    super();
    this.#socket = socket;
    this.#onDrop = onDrop;
  }

  receive(maxResults: bigint): Result<readonly IncomingDatagram[], ErrorCode> {
    const max = maxResults > MAX_RESULTS ? MAX_RESULTS : maxResults;
    const taken = this.#socket.inbox.take(Number(max));
    const failure = taken.length === 0 && max > 0n ? this.#socket.takeError() : undefined;
    return failure === undefined
      ? ok(taken.map(({ data, from }) => ({ data, remoteAddress: toWit(from) })))
      : fail(failure);
  }

  override ready(): boolean {
    return this.#socket.readable;
  }

  override wait(): Promise<void> {
    return this.#socket.waitReadable();
  }

  [Symbol.dispose](): void {
    this.#onDrop();
    this.trapOnLivePollables();
  }
}

export class OutgoingDatagramStream extends PollableSource implements Disposable {
  readonly #socket: DatagramTransport;
  /** The only destination, when there is one. */
  readonly #remote: SocketAddress | undefined;
  readonly #onDrop: () => void;
  #permitted = false;

  constructor(socket: DatagramTransport, remote: SocketAddress | undefined, onDrop: () => void) {
    super();
    this.#socket = socket;
    this.#remote = remote;
    this.#onDrop = onDrop;
  }

  checkSend(): Result<bigint, ErrorCode> {
    this.#permitted = true;
    return ok(BigInt(PERMITTED));
  }

  /** Waits for the system to take each datagram, which it nearly always does at once: its errors come no other way. */
  send(datagrams: readonly OutgoingDatagram[]): Result<bigint, ErrorCode> | Promise<Result<bigint, ErrorCode>> {
    if (!this.#permitted) {
      throw new Trap('unpermitted: must call check-send first');
    }
    if (datagrams.length > PERMITTED) {
      throw new Trap('unpermitted: argument exceeds permitted size');
    }
    this.#permitted = false;
    return datagrams.length === 0 ? ok(0n) : this.#sendAll(datagrams);
  }

  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#onDrop();
    this.trapOnLivePollables();
  }

  /** WIT: once a datagram has been sent there is no error, only a number that is too small. */
  async #sendAll(datagrams: readonly OutgoingDatagram[]): Promise<Result<bigint, ErrorCode>> {
    let sent = 0n;
    for (const datagram of datagrams) {
      const failure = await this.#sendOne(datagram);
      if (failure !== undefined) {
        return sent > 0n ? ok(sent) : fail(failure);
      }
      sent += 1n;
    }
    return ok(sent);
  }

  async #sendOne({ data, remoteAddress }: OutgoingDatagram): Promise<ErrorCode | undefined> {
    const given = remoteAddress === undefined ? undefined : fromWit(remoteAddress);
    if (this.#remote !== undefined) {
      const elsewhere = given !== undefined && !sameAddress(given, this.#remote);
      return elsewhere ? 'invalid-argument' : this.#socket.send(data, undefined);
    }
    if (given === undefined) {
      return 'invalid-argument';
    }
    if (!this.#socket.maySendTo(given)) {
      return 'access-denied';
    }
    const possible = isRemote(given) && isOfFamily(given, this.#socket.family);
    return possible ? this.#socket.send(data, given) : 'invalid-argument';
  }
}
