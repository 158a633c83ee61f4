// A client of ttrpc: unary calls over one connection, made when it is needed and made anew when it was lost.
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { connect, type Socket } from 'node:net';
import { RequestSchema, ResponseSchema } from '../generated/ttrpc_pb.ts';
import { encodeFrame, FRAME, type Frame, FrameReader } from './frames.ts';
import { CODE, RpcError } from './status.ts';

export interface TtrpcClient {
  call<Input extends DescMessage, Output extends DescMessage>(
    method: { readonly service: string; readonly name: string; readonly input: Input; readonly output: Output },
    request: MessageShape<Input>,
    timeoutMs: number,
  ): Promise<MessageShape<Output>>;
  close(): void;
}

/** `path` of a unix socket. */
export function createTtrpcClient(path: string): TtrpcClient {
  let link: Link | undefined;
  const open = (): Link => {
    if (link === undefined || link.isClosed) {
      link = new Link(path);
    }
    return link;
  };
  return {
    async call({ service, name, input, output }, request, timeoutMs) {
      const payload = await open().call(service, name, toBinary(input, request), timeoutMs);
      try {
        return fromBinary(output, payload);
      } catch (cause) {
        throw new RpcError('internal', `/${service}/${name} answered no ${output.typeName}`, { cause });
      }
    },
    close: () => link?.close(),
  };
}

interface Waiting {
  resolve(payload: Uint8Array): void;
  reject(error: unknown): void;
}

const NANOSECONDS_PER_MS = 1_000_000;
/** Stream numbers have 32 bits, of which a client uses the odd ones. */
const MAX_STREAM = 2 ** 32 - 1;

class Link {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  #nextStream = 1;
  isClosed = false;

  constructor(path: string) {
    this.#socket = connect(path);
    let cause: unknown;
    this.#socket.on('error', (error) => {
      cause = error;
    });
    this.#socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) {
        this.#take(frame);
      }
    });
    this.#socket.once('close', () => {
      this.isClosed = true;
      this.#failAll(new RpcError('unavailable', `the connection to ${path} is closed`, { cause }));
    });
  }

  async call(service: string, method: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    if (stream >= MAX_STREAM) {
      this.close();
    }
    const request = create(RequestSchema, {
      service,
      method,
      payload,
      timeoutNano: BigInt(timeoutMs * NANOSECONDS_PER_MS),
    });
    const data = encodeFrame({ stream, type: FRAME.request, data: toBinary(RequestSchema, request) });
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(stream, { resolve, reject });
    const timer = setTimeout(() => {
      reject(new RpcError('deadlineExceeded', `/${service}/${method} had no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      this.#socket.write(data);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(stream);
    }
  }

  close(): void {
    this.isClosed = true;
    this.#socket.destroy();
  }

  #take({ stream, type, data }: Frame): void {
    const waiting = this.#waiting.get(stream);
    if (waiting === undefined) {
      // The answer to a call that was given up.
      return;
    }
    if (type !== FRAME.response || data === undefined) {
      return waiting.reject(new RpcError('internal', `the answer is a frame of type ${type}`));
    }
    try {
      const { status, payload } = fromBinary(ResponseSchema, data);
      if (status !== undefined && status.code !== CODE.ok) {
        waiting.reject(new RpcError(status.code, status.message));
      } else {
        waiting.resolve(payload);
      }
    } catch (cause) {
      // expected: handed to the caller.
      waiting.reject(new RpcError('internal', 'the answer cannot be read', { cause }));
    }
  }

  #failAll(error: RpcError): void {
    for (const { reject } of this.#waiting.values()) {
      reject(error);
    }
  }
}
