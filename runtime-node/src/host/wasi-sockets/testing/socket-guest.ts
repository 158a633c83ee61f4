// A guest for tests of wasi:sockets: calls its functions by WIT name, and remembers what it holds so as to drop it.
import { NETWORK_CONFIG_KEY, openNetwork, parseNetworkConfig, type OutboundNetwork } from '../../network/index.ts';
import type { InputStream, OutputStream } from '../../io/streams.ts';
import type { Guest } from '../../guest.ts';
import { callHost } from '../../testing/call-host.ts';
import { fakeApp } from '../../testing/fake-app.ts';
import { fakeComponent, fakeGuest } from '../../testing/fake-guest.ts';
import type { IpAddressFamily, IpSocketAddress } from '../address.ts';
import type { ErrorCode } from '../error-code.ts';
import { wasiSockets } from '../index.ts';
import type { TcpSocket } from '../tcp-socket.ts';
import type { DatagramStreams, UdpSocket } from '../udp-socket.ts';

export type Answer<T> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: ErrorCode };
export type TcpStreams = readonly [InputStream, OutputStream];

export interface SocketGuestSetup {
  readonly allowed?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly warn?: (message: string) => void;
}

/** Whatever a test may reach: this machine. */
const LOOPBACK = ['tcp://127.0.0.1:*', 'tcp://[::1]:*', 'udp://127.0.0.1:*', 'udp://[::1]:*'];

export const v4 = (port: number, address: readonly number[] = [127, 0, 0, 1]): IpSocketAddress => ({
  tag: 'ipv4',
  val: { port, address },
});

export const v6 = (
  port: number,
  address: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 1],
  scopeId = 0,
): IpSocketAddress => ({ tag: 'ipv6', val: { port, flowInfo: 0, address, scopeId } });

export class SocketGuest implements Disposable {
  readonly network: OutboundNetwork;
  readonly #guest: Guest;
  readonly #held: Disposable[] = [];

  private constructor(network: OutboundNetwork, guest: Guest) {
    this.network = network;
    this.#guest = guest;
  }

  static async open({ allowed = LOOPBACK, config = {}, warn }: SocketGuestSetup = {}): Promise<SocketGuest> {
    const options = { id: 'c', metadata: { allowed_outbound_hosts: [...allowed] } };
    const app = fakeApp({ components: [fakeComponent(options)] });
    const networkConfig = parseNetworkConfig(config[NETWORK_CONFIG_KEY]);
    const network = await openNetwork(networkConfig, app, warn === undefined ? {} : { warn });
    return new SocketGuest(network, fakeGuest(options).guest);
  }

  /** Another instance of the same app. */
  another(): SocketGuest {
    return new SocketGuest(this.network, fakeGuest({ id: 'c' }).guest);
  }

  call<T>(interfaceName: string, name: string, ...args: unknown[]): T {
    const bound = wasiSockets.bind({ network: this.network, limit: this.network.sockets }, this.#guest.component);
    return callHost(bound.get(`wasi:sockets/${interfaceName}@0.2.12`), this.#guest)(name, ...args);
  }

  tcp<T = unknown>(name: string, self: TcpSocket, ...args: unknown[]): T {
    return this.call('tcp', `[method]tcp-socket.${name}`, self, ...args);
  }

  udp<T = unknown>(name: string, self: UdpSocket, ...args: unknown[]): T {
    return this.call('udp', `[method]udp-socket.${name}`, self, ...args);
  }

  newTcp(family: IpAddressFamily = 'ipv4'): TcpSocket {
    return this.#hold(valueOf(this.call<Answer<TcpSocket>>('tcp-create-socket', 'create-tcp-socket', family)));
  }

  newUdp(family: IpAddressFamily = 'ipv4'): UdpSocket {
    return this.#hold(valueOf(this.call<Answer<UdpSocket>>('udp-create-socket', 'create-udp-socket', family)));
  }

  startConnect(socket: TcpSocket, address: IpSocketAddress): Answer<undefined> {
    return this.tcp('start-connect', socket, this.call('instance-network', 'instance-network'), address);
  }

  /** As the standard library of a guest does it. */
  async finishConnect(socket: TcpSocket): Promise<Answer<TcpStreams>> {
    using pollable = socket.subscribe();
    await pollable.wait();
    const answer = this.tcp<Answer<TcpStreams>>('finish-connect', socket);
    if (answer.tag === 'ok') {
      answer.val.forEach((stream) => this.#hold(stream));
    }
    return answer;
  }

  async connect(address: IpSocketAddress): Promise<{ socket: TcpSocket; input: InputStream; output: OutputStream }> {
    const socket = this.newTcp(address.tag);
    valueOf(this.startConnect(socket, address));
    const [input, output] = valueOf(await this.finishConnect(socket));
    return { socket, input, output };
  }

  startBind(socket: UdpSocket, address: IpSocketAddress): Answer<undefined> {
    return this.udp('start-bind', socket, this.call('instance-network', 'instance-network'), address);
  }

  /** A socket bound to any address and port, as of a client. */
  bound(family: IpAddressFamily = 'ipv4'): UdpSocket {
    const socket = this.newUdp(family);
    valueOf(this.startBind(socket, family === 'ipv4' ? v4(0, [0, 0, 0, 0]) : v6(0, [0, 0, 0, 0, 0, 0, 0, 0])));
    valueOf(this.udp<Answer<undefined>>('finish-bind', socket));
    return socket;
  }

  async stream(socket: UdpSocket, remote?: IpSocketAddress): Promise<Answer<DatagramStreams>> {
    const answer = await this.udp<Promise<Answer<DatagramStreams>>>('stream', socket, remote);
    if (answer.tag === 'ok') {
      answer.val.forEach((stream) => this.#hold(stream));
    }
    return answer;
  }

  /** Drops something now. */
  drop(...resources: Disposable[]): void {
    for (const resource of resources) {
      this.#held.splice(this.#held.indexOf(resource), 1);
      resource[Symbol.dispose]();
    }
  }

  /** As at the end of an instance: newest first. */
  [Symbol.dispose](): void {
    for (const resource of this.#held.splice(0).toReversed()) {
      resource[Symbol.dispose]();
    }
  }

  #hold<T extends Disposable>(resource: T): T {
    this.#held.push(resource);
    return resource;
  }
}

/** What is expected to succeed. */
export function valueOf<T>(answer: Answer<T>): T {
  if (answer.tag === 'err') {
    throw new Error(`refused: ${answer.val}`);
  }
  return answer.val;
}
