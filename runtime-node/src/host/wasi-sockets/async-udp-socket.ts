// The `udp-socket` resource of wasi:sockets 0.3 over that of 0.2: datagrams go out and come in by functions of the socket,
// which binds by itself when the guest has not.
import { ok, type Result } from '../../component/index.ts';
import { answerOf, NOT_YET } from '../io/wake.ts';
import { fromWit, type IpAddressFamily, type IpSocketAddress } from './address.ts';
import { asyncFail, asyncResult, type AsyncErrorCode } from './async-error-code.ts';
import type { IncomingDatagram } from './datagram-streams.ts';
import type { ErrorCode } from './error-code.ts';
import type { SocketRights } from './rights.ts';
import { UdpSocket, type DatagramStreams } from './udp-socket.ts';

type Answer<T> = Result<T, AsyncErrorCode>;

const ANY: Readonly<Record<IpAddressFamily, IpSocketAddress>> = {
  ipv4: { tag: 'ipv4', val: { port: 0, address: [0, 0, 0, 0] } },
  ipv6: { tag: 'ipv6', val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 } },
};

export class AsyncUdpSocket implements Disposable {
  readonly inner: UdpSocket;
  #bound = false;
  #streams: DatagramStreams | undefined;

  constructor(family: IpAddressFamily, rights: SocketRights, place: Disposable) {
    this.inner = new UdpSocket(family, rights, place);
  }

  bind(local: IpSocketAddress): Answer<undefined> {
    const started = this.inner.startBind(fromWit(local));
    const finished = started.tag === 'ok' ? this.inner.finishBind() : started;
    this.#bound ||= finished.tag === 'ok';
    return asyncResult(finished);
  }

  async connect(remote: IpSocketAddress): Promise<Answer<undefined>> {
    const bound = this.#bindAnywhere();
    return bound.tag === 'ok' ? this.#open(remote) : bound;
  }

  async disconnect(): Promise<Answer<undefined>> {
    return this.inner.remoteAddress().tag === 'err'
      ? { tag: 'err', val: { tag: 'invalid-state' } }
      : this.#open(undefined);
  }

  async send(data: Uint8Array, remoteAddress: IpSocketAddress | undefined): Promise<Answer<undefined>> {
    const ready = await this.#ready();
    const outgoing = this.#streams?.[1];
    if (ready.tag === 'err' || outgoing === undefined) {
      return ready;
    }
    outgoing.checkSend();
    const sent = await outgoing.send([{ data, remoteAddress }]);
    return sent.tag === 'ok' ? ok(undefined) : asyncFail(sent.val);
  }

  async receive(): Promise<Answer<readonly [Uint8Array, IpSocketAddress]>> {
    const incoming = this.#bound ? (await this.#ready(), this.#streams?.[0]) : undefined;
    if (incoming === undefined) {
      return { tag: 'err', val: { tag: 'invalid-state' } };
    }
    const got = await answerOf<Result<IncomingDatagram, ErrorCode>>(incoming, () => {
      const received = incoming.receive(1n);
      if (received.tag === 'err') {
        return received;
      }
      const [datagram] = received.val;
      return datagram === undefined ? NOT_YET : ok(datagram);
    });
    return got.tag === 'ok' ? ok([got.val.data, got.val.remoteAddress]) : asyncFail(got.val);
  }

  [Symbol.dispose](): void {
    this.#closeStreams();
    this.inner[Symbol.dispose]();
  }

  #bindAnywhere(): Answer<undefined> {
    return this.#bound ? ok(undefined) : this.bind(ANY[this.inner.family]);
  }

  async #ready(): Promise<Answer<undefined>> {
    const bound = this.#bindAnywhere();
    return bound.tag === 'err' || this.#streams !== undefined ? bound : this.#open(undefined);
  }

  async #open(remote: IpSocketAddress | undefined): Promise<Answer<undefined>> {
    this.#closeStreams();
    const opened = await this.inner.stream(remote && fromWit(remote));
    if (opened.tag === 'err') {
      return asyncFail(opened.val);
    }
    this.#streams = opened.val;
    return ok(undefined);
  }

  #closeStreams(): void {
    for (const stream of this.#streams ?? []) {
      stream[Symbol.dispose]();
    }
    this.#streams = undefined;
  }
}
