// A server of ttrpc: unary calls over connections, as many at once as the peers send. Streaming calls are refused. A peer that
// breaks the protocol loses its connection, or the one call when the frame says which.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createServer, type Server, type Socket } from 'node:net';
import { type Request, RequestSchema, ResponseSchema } from '../generated/ttrpc_pb.ts';
import { encodeFrame, FLAG_REMOTE_OPEN, FRAME, type Frame, FrameReader, MAX_MESSAGE_BYTES } from './frames.ts';
import type { Method, Service } from './service.ts';
import { CODE, RpcError } from './status.ts';

export interface ServerOptions {
  /** Full name of each service. */
  readonly services: ReadonlyMap<string, Service>;
  /** An error of a method that is no RpcError: the caller is told its message, this place all of it. */
  readonly onDefect: (error: unknown, method: string) => void;
}

/** Calls of one connection that wait for answers; containerd has a few per container. */
const MAX_CALLS = 16_384;

export function createTtrpcServer(options: ServerOptions): Server {
  return createServer((socket) => {
    new Connection(socket, options).begin();
  });
}

const NANOSECONDS_PER_MS = 1_000_000n;
/** The longest that a timer of Node can be; longer is for ever. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class Connection {
  readonly #socket: Socket;
  readonly #options: ServerOptions;
  readonly #reader = new FrameReader();
  readonly #gone = new AbortController();
  #lastStream = 0;
  #running = 0;

  constructor(socket: Socket, options: ServerOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  begin(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) {
        this.#take(frame);
      }
    });
    this.#socket.on('error', () => {
      // expected: containerd restarts, and 'close' follows.
    });
    this.#socket.once('close', () => this.#gone.abort());
  }

  #take(frame: Frame): void {
    const refuse = (status: keyof typeof CODE, message: string): void =>
      this.#fail(frame.stream, CODE[status], message);
    if (frame.type !== FRAME.request) {
      // Messages of a stream, or answers that nobody has asked for.
      return refuse('invalidArgument', `frames of type ${frame.type} are not expected`);
    }
    if (frame.stream % 2 !== 1) {
      return refuse('invalidArgument', 'StreamID must be odd for client initiated streams');
    }
    if (frame.stream <= this.#lastStream) {
      return refuse('invalidArgument', 'StreamID cannot be re-used and must increment');
    }
    this.#lastStream = frame.stream;
    if (frame.data === undefined) {
      return refuse('resourceExhausted', `message length exceeds ${MAX_MESSAGE_BYTES} bytes`);
    }
    if ((frame.flags & FLAG_REMOTE_OPEN) !== 0) {
      return refuse('unimplemented', 'streaming calls are not supported');
    }
    if (this.#running >= MAX_CALLS) {
      return refuse('resourceExhausted', `more than ${MAX_CALLS} calls at once`);
    }
    void this.#answer(frame.stream, frame.data);
  }

  async #answer(stream: number, data: Buffer): Promise<void> {
    this.#running += 1;
    try {
      this.#send(stream, { payload: await this.#call(data) });
    } catch (error) {
      // expected: told to the caller, whose business it is.
      this.#fail(stream, error instanceof RpcError ? error.code : CODE.unknown, textOf(error));
    } finally {
      this.#running -= 1;
    }
  }

  async #call(data: Buffer): Promise<Uint8Array> {
    const request = readRequest(data);
    const { service, method, payload, timeoutNano, metadata } = request;
    const found = this.#options.services.get(service)?.get(method);
    if (found === undefined) {
      throw new RpcError('unimplemented', `/${service}/${method} is not supported`);
    }
    const late = deadlineOf(timeoutNano);
    const signal = late === undefined ? this.#gone.signal : AbortSignal.any([this.#gone.signal, late]);
    const context = { signal, metadata: new Map(metadata.map(({ key, value }) => [key, value])) };
    return await this.#untilAborted(found(payload, context), signal, `/${service}/${method}`);
  }

  /** A call that is late is answered so at once, and goes on to its end: what it has begun must not be left half done. */
  async #untilAborted(running: ReturnType<Method>, signal: AbortSignal, method: string): Promise<Uint8Array> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void =>
      aborted.reject(
        new RpcError(this.#gone.signal.aborted ? 'cancelled' : 'deadlineExceeded', `${method} was too late`),
      );
    signal.addEventListener('abort', onAbort, { once: true });
    running.catch((error: unknown) => {
      if (!(error instanceof RpcError)) {
        this.#options.onDefect(error, method);
      }
    });
    try {
      return await Promise.race([running, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #fail(stream: number, code: number, message: string): void {
    this.#send(stream, { status: { code, message } });
  }

  #send(stream: number, response: { payload?: Uint8Array; status?: { code: number; message: string } }): void {
    if (this.#socket.destroyed) {
      return;
    }
    const { status, payload } = response;
    const data = toBinary(
      ResponseSchema,
      create(ResponseSchema, {
        ...(payload === undefined ? {} : { payload }),
        ...(status === undefined ? {} : { status: { $typeName: 'ttrpc.Status', ...status, details: [] } }),
      }),
    );
    if (data.byteLength > MAX_MESSAGE_BYTES) {
      return this.#fail(stream, CODE.resourceExhausted, `the answer is longer than ${MAX_MESSAGE_BYTES} bytes`);
    }
    this.#socket.write(encodeFrame({ stream, type: FRAME.response, data }));
  }
}

function readRequest(data: Buffer): Request {
  try {
    return fromBinary(RequestSchema, data);
  } catch (cause) {
    throw new RpcError('invalidArgument', `unable to read the request: ${textOf(cause)}`, { cause });
  }
}

function deadlineOf(timeoutNano: bigint): AbortSignal | undefined {
  const ms = timeoutNano / NANOSECONDS_PER_MS;
  return timeoutNano <= 0n || ms > MAX_TIMER_MS ? undefined : AbortSignal.timeout(Number(ms));
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
