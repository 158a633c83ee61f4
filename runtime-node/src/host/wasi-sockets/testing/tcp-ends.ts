// Servers on the loopback and guests that connect to them, for tests of TCP; closed together after each test.
import { createServer, type AddressInfo, type Server, type Socket as Peer } from 'node:net';
import type { InputStream, OutputStream } from '../../io/streams.ts';
import { SocketGuest, type SocketGuestSetup } from './socket-guest.ts';

export interface Listening {
  readonly port: number;
  /** In the order in which they came. */
  readonly peers: Peer[];
  peer(index?: number): Promise<Peer>;
  close(): Promise<void>;
}

export class TcpEnds {
  readonly #guests: SocketGuest[] = [];
  readonly #servers: Server[] = [];

  async open(setup?: SocketGuestSetup): Promise<SocketGuest> {
    const guest = await SocketGuest.open(setup);
    this.#guests.push(guest);
    return guest;
  }

  /** Another instance of the same app. */
  another(of: SocketGuest): SocketGuest {
    const guest = of.another();
    this.#guests.push(guest);
    return guest;
  }

  async listen(onPeer: (peer: Peer) => void = () => {}, host = '127.0.0.1'): Promise<Listening> {
    const peers: Peer[] = [];
    const server = createServer({ allowHalfOpen: true }, (peer) => {
      peer.on('error', () => {});
      peers.push(peer);
      onPeer(peer);
      server.emit('came');
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return {
      port: (server.address() as AddressInfo).port,
      peers,
      peer: async (index = 0) => {
        for (let peer = peers[index]; ; peer = peers[index]) {
          if (peer !== undefined) {
            return peer;
          }
          await new Promise((resolve) => server.once('came', resolve));
        }
      },
      close: () => new Promise((resolve) => server.close(() => resolve())),
    };
  }

  close(): void {
    for (const guest of this.#guests.splice(0)) {
      guest[Symbol.dispose]();
    }
    for (const server of this.#servers.splice(0)) {
      server.close();
    }
  }
}

export const echo = (peer: Peer): unknown => peer.pipe(peer);

/** Takes all and ends when the other side does. */
export const held = (peer: Peer): unknown => peer.resume().on('end', () => peer.end());

/** Up to `count` bytes, or to the end; the error that ended it otherwise. */
export async function readAll(input: InputStream, count = Infinity): Promise<{ text: string; end: unknown }> {
  let text = '';
  while (text.length < count) {
    await input.wait();
    const got = input.read(65_536);
    if (!(got instanceof Uint8Array)) {
      return { text, end: got.tag === 'closed' ? 'closed' : got.val };
    }
    text += Buffer.from(got).toString('latin1');
  }
  return { text, end: undefined };
}

/** As a guest writes: as much as there is room for, then waits. */
export async function write(output: OutputStream, bytes: Uint8Array): Promise<unknown> {
  let rest = bytes;
  while (rest.length > 0) {
    await output.wait();
    const room = output.checkWrite();
    if (typeof room !== 'number') {
      return room;
    }
    output.write(rest.subarray(0, room));
    rest = rest.subarray(room);
  }
  return undefined;
}
