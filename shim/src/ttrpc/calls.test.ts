import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StateRequestSchema, StateResponseSchema } from '../generated/task_pb.ts';
import { RequestSchema, ResponseSchema } from '../generated/ttrpc_pb.ts';
import { createTtrpcClient } from './client.ts';
import { encodeFrame, type Frame, FrameReader, HEADER_BYTES, MAX_MESSAGE_BYTES } from './frames.ts';
import { createTtrpcServer } from './server.ts';
import { unary } from './service.ts';
import { CODE, RpcError } from './status.ts';

const SERVICE = 'test.Task';
const STATE = { service: SERVICE, name: 'State', input: StateRequestSchema, output: StateResponseSchema };
const LONG_MS = 30_000;

let folder: string;
let path: string;
let server: Server;
const defects: unknown[] = [];
/** One for each call that is to wait; aborted when its caller is not there any more. */
const waits: AbortSignal[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ttrpc-'));
  path = join(folder, 'socket');
  const methods = new Map([
    [
      'State',
      unary(StateRequestSchema, StateResponseSchema, async ({ id }, { signal }) => {
        switch (id) {
          case 'missing':
            throw new RpcError('notFound', id);
          case 'defect':
            throw new TypeError('a defect');
          case 'long':
            return create(StateResponseSchema, { bundle: 'x'.repeat(MAX_MESSAGE_BYTES) });
          case 'waits':
            waits.push(signal);
            return await new Promise(() => {});
          default:
            return create(StateResponseSchema, { id, pid: 4_000_000_000 });
        }
      }),
    ],
  ]);
  server = createTtrpcServer({ services: new Map([[SERVICE, methods]]), onDefect: (error) => defects.push(error) });
  server.listen(path);
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const ask = async (id: string, timeoutMs = LONG_MS): Promise<unknown> => {
  const client = createTtrpcClient(path);
  try {
    return await client.call(STATE, create(StateRequestSchema, { id }), timeoutMs);
  } finally {
    client.close();
  }
};

describe('calls', () => {
  it('get their answers, many at once over one connection', async () => {
    const client = createTtrpcClient(path);
    const ids = Array.from({ length: 200 }, (_, index) => `task-${index}`);
    const answers = await Promise.all(ids.map((id) => client.call(STATE, create(StateRequestSchema, { id }), LONG_MS)));
    expect(answers.map(({ id, pid }) => [id, pid])).toEqual(ids.map((id) => [id, 4_000_000_000]));
    client.close();
  });

  it.each([
    ['missing', CODE.notFound, 'missing'],
    ['defect', CODE.unknown, 'a defect'],
    ['long', CODE.resourceExhausted, 'the answer is longer'],
  ])('that fail (%s) get the status and the message', async (id, code, message) => {
    await expect(ask(id)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('tell what went wrong here to this side', () => {
    expect(defects).toEqual([new TypeError('a defect')]);
  });

  it('end at the deadline, on the server too', async () => {
    await expect(ask('waits', 20)).rejects.toMatchObject({ code: CODE.deadlineExceeded });
    await expect.poll(() => waits.at(-1)?.aborted).toBe(true);
  });

  it('end with the connection, on both sides', async () => {
    const client = createTtrpcClient(path);
    const count = waits.length;
    const call = client.call(STATE, create(StateRequestSchema, { id: 'waits' }), LONG_MS);
    call.catch(() => {});
    await expect.poll(() => waits.length).toBe(count + 1);
    client.close();
    await expect(call).rejects.toMatchObject({ code: CODE.unavailable });
    await expect.poll(() => waits.at(-1)?.aborted).toBe(true);
    // The next call makes a connection of its own.
    expect(await client.call(STATE, create(StateRequestSchema, { id: 'again' }), LONG_MS)).toMatchObject({
      id: 'again',
    });
    client.close();
  });

  it('to a socket that is not there are unavailable', async () => {
    const client = createTtrpcClient(join(folder, 'nobody'));
    await expect(client.call(STATE, create(StateRequestSchema, { id: 'x' }), LONG_MS)).rejects.toMatchObject({
      code: CODE.unavailable,
    });
  });
});

async function answersTo(bytes: Buffer, wanted: number): Promise<Frame[]> {
  const socket: Socket = connect(path);
  const reader = new FrameReader();
  const frames: Frame[] = [];
  try {
    socket.write(bytes);
    for await (const chunk of socket) {
      frames.push(...reader.push(chunk as Buffer));
      if (frames.length >= wanted) {
        break;
      }
    }
    return frames;
  } finally {
    socket.destroy();
  }
}

const statusOf = ({ data }: Frame): [number | undefined, string | undefined] => {
  const { status } = fromBinary(ResponseSchema, data ?? Buffer.alloc(0));
  return [status?.code, status?.message];
};

const request = (method: string, service = SERVICE, payload: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.from(toBinary(RequestSchema, create(RequestSchema, { service, method, payload })));

function header(length: number, stream: number, type: number, flags = 0): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(stream, 4);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt8(flags, 9);
  return bytes;
}

const good = encodeFrame({ stream: 99, type: 1, data: request('State') });

describe('what breaks the protocol', () => {
  it.each<[string, Buffer, number]>([
    ['an even stream', encodeFrame({ stream: 2, type: 1, data: request('State') }), CODE.invalidArgument],
    ['stream 0', encodeFrame({ stream: 0, type: 1, data: request('State') }), CODE.invalidArgument],
    ['an answer', encodeFrame({ stream: 1, type: 2, data: request('State') }), CODE.invalidArgument],
    ['a message of a stream', encodeFrame({ stream: 1, type: 3, data: request('State') }), CODE.invalidArgument],
    ['an unknown type', encodeFrame({ stream: 1, type: 77, data: request('State') }), CODE.invalidArgument],
    ['a streaming call', encodeFrame({ stream: 1, type: 1, flags: 2, data: request('State') }), CODE.unimplemented],
    ['an unknown method', encodeFrame({ stream: 1, type: 1, data: request('Fly') }), CODE.unimplemented],
    ['an unknown service', encodeFrame({ stream: 1, type: 1, data: request('State', 'x') }), CODE.unimplemented],
    ['no protobuf', encodeFrame({ stream: 1, type: 1, data: Buffer.from('ffffff', 'hex') }), CODE.invalidArgument],
    [
      'a payload that is no message',
      encodeFrame({ stream: 1, type: 1, data: request('State', SERVICE, Buffer.from('0aff', 'hex')) }),
      CODE.invalidArgument,
    ],
    [
      'a message that is too long',
      Buffer.concat([header(MAX_MESSAGE_BYTES + 5, 1, 1), Buffer.alloc(MAX_MESSAGE_BYTES + 5)]),
      CODE.resourceExhausted,
    ],
  ])('is refused (%s), and the next call on the connection is answered', async (_, bytes, code) => {
    const [refused, answered] = await answersTo(Buffer.concat([bytes, good]), 2);
    expect(refused && statusOf(refused)[0]).toBe(code);
    expect(answered && [answered.stream, ...statusOf(answered)]).toEqual([99, undefined, undefined]);
  });

  it('is refused when a stream is used twice', async () => {
    const frames = await answersTo(Buffer.concat([good, good]), 2);
    expect(frames.map((frame) => statusOf(frame)[0]).toSorted()).toEqual([CODE.invalidArgument, undefined]);
  });

  it('never ends the server, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = connect(path);
        socket.on('error', () => {}).resume();
        socket.end(bytes);
        await once(socket, 'close');
      }),
      { numRuns: 50 },
    );
    expect(await ask('alive')).toMatchObject({ id: 'alive' });
  });
});
