// The `tcp-socket` resource of wasi:sockets 0.3 over that of 0.2. The connection lasts as long as the socket or what goes
// through it: a guest may drop the socket and keep its streams.
import { err, FutureReader, ok, type Result, type StreamReader } from '../../component/index.ts';
import { noBytes, readable, writeAll, type StreamEnd } from '../io/byte-streams.ts';
import { fromWit, type IpAddressFamily, type IpSocketAddress } from './address.ts';
import { asyncFail, streamCode, type AsyncErrorCode } from './async-error-code.ts';
import type { SocketRights } from './rights.ts';
import { TcpSocket } from './tcp-socket.ts';
import type { TcpInputStream, TcpOutputStream } from './tcp-streams.ts';

type End = FutureReader<StreamEnd<AsyncErrorCode>>;

const INVALID_STATE: AsyncErrorCode = { tag: 'invalid-state' };

const failed = (code: AsyncErrorCode): End => FutureReader.from<StreamEnd<AsyncErrorCode>>(err(code));

export class AsyncTcpSocket implements Disposable {
  readonly inner: TcpSocket;
  #input: TcpInputStream | undefined;
  #output: TcpOutputStream | undefined;
  /** The socket itself, and directions that are in use. */
  #holders = 1;

  constructor(family: IpAddressFamily, rights: SocketRights) {
    this.inner = new TcpSocket(family, rights);
  }

  async connect(remote: IpSocketAddress): Promise<Result<undefined, AsyncErrorCode>> {
    const started = this.inner.startConnect(fromWit(remote));
    if (started.tag === 'err') {
      return asyncFail(started.val);
    }
    await this.inner.wait();
    const streams = this.inner.finishConnect();
    if (streams.tag === 'err') {
      return asyncFail(streams.val);
    }
    [this.#input, this.#output] = streams.val;
    return ok(undefined);
  }

  /** The end of `bytes` is the end of what the peer hears. */
  send(bytes: StreamReader): End {
    const output = this.#output;
    if (output === undefined) {
      bytes[Symbol.dispose]();
      return failed(INVALID_STATE);
    }
    this.#output = undefined;
    this.#holders += 1;
    const sent = writeAll(bytes, output, streamCode).finally(() => {
      this.inner.shutdown('send');
      this.#release();
    });
    return FutureReader.from(sent);
  }

  receive(): [bytes: StreamReader, end: End] {
    const input = this.#input;
    if (input === undefined) {
      return [noBytes(), failed(INVALID_STATE)];
    }
    this.#input = undefined;
    this.#holders += 1;
    return readable(input, streamCode, () => this.#release());
  }

  [Symbol.dispose](): void {
    this.#input?.[Symbol.dispose]();
    this.#output?.[Symbol.dispose]();
    this.#release();
  }

  #release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) {
      this.inner[Symbol.dispose]();
    }
  }
}
