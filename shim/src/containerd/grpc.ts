// Calls of containerd's gRPC services over its unix socket: one request, one answer or a stream of them.
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { CODE, RpcError } from '../ttrpc/index.ts';

export interface GrpcMethod<Input extends DescMessage, Output extends DescMessage> {
  /** `/<service>/<method>` */
  readonly path: string;
  readonly input: Input;
  readonly output: Output;
}

export interface GrpcClient {
  call<Input extends DescMessage, Output extends DescMessage>(
    method: GrpcMethod<Input, Output>,
    request: MessageShape<Input>,
  ): Promise<MessageShape<Output>>;
  stream<Input extends DescMessage, Output extends DescMessage>(
    method: GrpcMethod<Input, Output>,
    request: MessageShape<Input>,
  ): AsyncGenerator<MessageShape<Output>, void, undefined>;
  close(): void;
}

/** A byte whether the message is compressed, and four for its length. */
const PREFIX_BYTES = 5;
/** containerd sends pieces of a megabyte at most; its own clients take 16. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Between two pieces of an answer: a disk that needs longer for one does not work. */
const STALL_MS = 30_000;

export function createGrpcClient(socket: string, namespace: string): GrpcClient {
  let session: ClientHttp2Session | undefined;

  function open(): ClientHttp2Session {
    if (session === undefined || session.closed || session.destroyed) {
      session = connectHttp2('http://containerd', { createConnection: () => connect(socket) });
      session.on('error', () => {
        // expected: each call that was on its way fails with it.
      });
    }
    return session;
  }

  async function* stream<Input extends DescMessage, Output extends DescMessage>(
    { path, input, output }: GrpcMethod<Input, Output>,
    request: MessageShape<Input>,
  ): AsyncGenerator<MessageShape<Output>, void, undefined> {
    const call = open().request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'containerd-namespace': namespace,
    });
    const outcome = outcomeOf(call, path);
    try {
      call.setTimeout(STALL_MS, () => call.destroy(new RpcError('deadlineExceeded', `${path}: no answer`)));
      call.end(withPrefix(toBinary(input, request)));
      for await (const message of messagesOf(call)) {
        yield fromBinary(output, message);
      }
    } catch (cause) {
      throw cause instanceof RpcError
        ? cause
        : new RpcError('unavailable', `${path}: ${cause instanceof Error ? cause.message : ''}`, { cause });
    } finally {
      call.destroy();
    }
    outcome();
  }

  return {
    stream,
    async call(method, request) {
      for await (const answer of stream(method, request)) {
        return answer;
      }
      throw new RpcError('internal', `${method.path} answered nothing`);
    },
    close: () => session?.destroy(),
  };
}

/** Throws what the trailers say; they may come as the headers when there is no answer. */
function outcomeOf(call: ClientHttp2Stream, path: string): () => void {
  let status: string | undefined;
  let message = '';
  const take = (headers: Readonly<Record<string, unknown>>): void => {
    const { 'grpc-status': code, 'grpc-message': text } = headers;
    status = typeof code === 'string' ? code : status;
    message = typeof text === 'string' ? text : message;
  };
  call.on('response', take);
  call.on('trailers', take);
  return () => {
    if (status !== String(CODE.ok)) {
      throw new RpcError(Number(status ?? CODE.unavailable), `${path}: ${unescaped(message)}`);
    }
  };
}

/** gRPC escapes what is not ASCII as URLs do. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // expected: another server may not.
    return text;
  }
}

function withPrefix(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

async function* messagesOf(call: AsyncIterable<unknown>): AsyncGenerator<Buffer, void, undefined> {
  let held = Buffer.alloc(0);
  for await (const chunk of call) {
    held = held.length === 0 ? (chunk as typeof held) : Buffer.concat([held, chunk as Buffer]);
    while (held.length >= PREFIX_BYTES) {
      const length = held.readUInt32BE(1);
      if (length > MAX_MESSAGE_BYTES || held[0] !== 0) {
        throw new RpcError('internal', `a message of ${length} bytes, compressed ${held[0]}, was not expected`);
      }
      if (held.length < PREFIX_BYTES + length) {
        break;
      }
      yield held.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
      held = held.subarray(PREFIX_BYTES + length);
    }
  }
  if (held.length > 0) {
    throw new RpcError('internal', 'the answer ends within a message');
  }
}
