// The `udp-socket` resource. There is no socket of the system before the guest binds, which a client must do too: to any
// address and any port of this machine. That much is given to each component that may send somewhere, and then it hears
// only from where it may send; to any other address it binds, and hears from all, by its rules alone (compat.md).
import { createSocket, type Socket as NodeSocket } from 'node:dgram';
import { ok, Trap, type Result } from '../../component/index.ts';
import { Waiters } from '../io/waiters.ts';
import {
  fromNode,
  hostOf,
  isAnyLocal,
  isOfFamily,
  isRemote,
  sameAddress,
  toWit,
  type IpAddressFamily,
  type IpSocketAddress,
  type SocketAddress,
} from './address.ts';
import { DatagramQueue } from './datagram-queue.ts';
import { IncomingDatagramStream, OutgoingDatagramStream, type DatagramTransport } from './datagram-streams.ts';
import { errorCodeOf, fail, type ErrorCode } from './error-code.ts';
import type { OptionHolder, OptionValue, OptionValues } from './options.ts';
import type { SocketRights } from './rights.ts';
import { Socket } from './socket.ts';

/** Linux: ip_default_ttl, and half of rmem_default and wmem_default (as TCP_OPTIONS). */
export const UDP_OPTIONS = {
  'unicast-hop-limit': 64,
  'receive-buffer-size': 106_496n,
  'send-buffer-size': 106_496n,
} satisfies OptionValues;

/** Linux tells twice the size of a buffer that was asked for (socket(7)). */
const TOLD_PER_ASKED = process.platform === 'linux' ? 2 : 1;

export type DatagramStreams = readonly [IncomingDatagramStream, OutgoingDatagramStream];

export class UdpSocket extends Socket implements DatagramTransport, OptionHolder {
  readonly inbox = new DatagramQueue();
  readonly #place: Disposable;
  readonly #arrivals = new Waiters();
  readonly #options = new Map<string, OptionValue>();
  #socket: NodeSocket | undefined;
  /** `finish-bind` was called. */
  #bound = false;
  #hearsAll = false;
  #remote: SocketAddress | undefined;
  /** Of the system, about something sent before. */
  #error: ErrorCode | undefined;

  constructor(family: IpAddressFamily, rights: SocketRights, place: Disposable) {
    super(family, rights);
    this.#place = place;
  }

  startBind(local: SocketAddress): Result<undefined, ErrorCode> {
    const forAll = isAnyLocal(local) && this.rights.has('udp');
    if (!forAll && !this.rights.allows('udp', local)) {
      return fail('access-denied');
    }
    if (this.#socket !== undefined) {
      return fail('invalid-state');
    }
    if (!isOfFamily(local, this.family)) {
      return fail('invalid-argument');
    }
    this.#hearsAll = !forAll || this.rights.accepts('udp', local);
    return this.#bind(local);
  }

  finishBind(): Result<undefined, ErrorCode> {
    if (this.#socket === undefined || this.#bound) {
      return fail('not-in-progress');
    }
    this.#bound = true;
    return ok(undefined);
  }

  /** With `remote`: only to and from there. */
  stream(
    remote: SocketAddress | undefined,
  ): Result<DatagramStreams, ErrorCode> | Promise<Result<DatagramStreams, ErrorCode>> {
    if (this.hasStreams) {
      throw new Trap('UDP streams not dropped yet');
    }
    const socket = this.#socket;
    if (socket === undefined || !this.#bound) {
      return fail('invalid-state');
    }
    if (this.#remote !== undefined) {
      this.#remote = undefined;
      socket.disconnect();
    }
    return remote === undefined ? this.#streamsTo(undefined) : this.#connect(socket, remote);
  }

  localAddress(): Result<IpSocketAddress, ErrorCode> {
    return this.#socket === undefined || !this.#bound
      ? fail('invalid-state')
      : ok(toWit(fromNode(this.#socket.address())));
  }

  remoteAddress(): Result<IpSocketAddress, ErrorCode> {
    const remote = this.#remote;
    return remote === undefined ? fail('invalid-state') : ok(toWit(remote));
  }

  /** Nothing of a UDP socket itself takes time. */
  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return Promise.resolve();
  }

  get readable(): boolean {
    return !this.inbox.empty || this.#error !== undefined;
  }

  waitReadable(): Promise<void> {
    return this.#arrivals.until(() => this.readable);
  }

  takeError(): ErrorCode | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  maySendTo(remote: SocketAddress): boolean {
    return this.rights.allows('udp', remote);
  }

  send(data: Uint8Array, to: SocketAddress | undefined): Promise<ErrorCode | undefined> {
    const socket = this.#socket;
    if (socket === undefined) {
      return Promise.resolve('invalid-state');
    }
    return new Promise((resolve) => {
      const sent = (error: Error | null): void => resolve(error === null ? undefined : errorCodeOf(error));
      if (to === undefined) {
        socket.send(data, sent);
      } else {
        socket.send(data, to.port, hostOf(to), sent);
      }
    });
  }

  override optionProblem(): undefined {}

  option(name: string): OptionValue | undefined {
    switch (this.#socket === undefined ? '' : name) {
      case 'receive-buffer-size':
        return asked(this.#socket?.getRecvBufferSize());
      case 'send-buffer-size':
        return asked(this.#socket?.getSendBufferSize());
      default:
        return this.#options.get(name);
    }
  }

  setOption(name: string, value: OptionValue): void {
    this.#options.set(name, value);
    if (this.#socket !== undefined) {
      applyOption(this.#socket, name, Number(value));
    }
  }

  protected override close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#place[Symbol.dispose]();
  }

  /** Node binds at once when it need not look up the address, and tells an error while it does. */
  #bind(local: SocketAddress): Result<undefined, ErrorCode> {
    const socket = createSocket({
      ...(this.family === 'ipv4' ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true }),
      lookup: (address, _options, callback) => callback(null, address, this.family === 'ipv4' ? 4 : 6),
    });
    socket.on('error', (error) => {
      this.#error = errorCodeOf(error);
      this.#arrivals.wake();
    });
    socket.on('message', (data, { address, port }) => {
      const from = fromNode({ address, port });
      if (this.#hears(from)) {
        this.inbox.push({ data, from });
        this.#arrivals.wake();
      }
    });
    socket.bind({ address: hostOf(local), port: local.port, exclusive: true });
    const failure = this.takeError();
    if (failure !== undefined) {
      socket.close();
      return fail(failure);
    }
    for (const [name, value] of this.#options) {
      applyOption(socket, name, Number(value));
    }
    this.#socket = socket;
    return ok(undefined);
  }

  async #connect(socket: NodeSocket, remote: SocketAddress): Promise<Result<DatagramStreams, ErrorCode>> {
    if (!this.maySendTo(remote)) {
      return fail('access-denied');
    }
    if (!isRemote(remote) || !isOfFamily(remote, this.family)) {
      return fail('invalid-argument');
    }
    const failure = await new Promise<ErrorCode | undefined>((resolve) => {
      socket.connect(remote.port, hostOf(remote), (error?: Error) =>
        resolve(error === undefined ? undefined : errorCodeOf(error)),
      );
    });
    return failure === undefined ? this.#streamsTo(remote) : fail(failure);
  }

  #streamsTo(remote: SocketAddress | undefined): Result<DatagramStreams, ErrorCode> {
    this.#remote = remote;
    this.inbox.keep(({ from }) => this.#hears(from));
    this.addStreams();
    return ok([
      new IncomingDatagramStream(this, this.dropStream),
      new OutgoingDatagramStream(this, remote, this.dropStream),
    ]);
  }

  #hears(from: SocketAddress): boolean {
    if (this.#remote !== undefined) {
      return sameAddress(from, this.#remote);
    }
    return this.#hearsAll || this.rights.accepts('udp', from);
  }
}

const asked = (told: number | undefined): bigint | undefined =>
  told === undefined ? undefined : BigInt(Math.floor(told / TOLD_PER_ASKED));

function applyOption(socket: NodeSocket, name: string, value: number): void {
  try {
    if (name === 'unicast-hop-limit') {
      socket.setTTL(value);
    } else if (name === 'receive-buffer-size') {
      socket.setRecvBufferSize(value);
    } else {
      socket.setSendBufferSize(value);
    }
  } catch (error) {
    // expected: sizes are hints, but some systems refuse those that they do not like
    if (name === 'unicast-hop-limit') {
      throw error;
    }
  }
}
