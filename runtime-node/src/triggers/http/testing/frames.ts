// HTTP/2 frame by frame (RFC 9113 §4, §6), as no library would send them. Header blocks are HPACK literals without
// indexing (RFC 7541 §6.2.2), so that nothing but names and values is in them.
import { connect, type Socket } from 'node:net';

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** One parameter of SETTINGS. */
export const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)]);

export type Field = readonly [name: string, value: string];

const string = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) {
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  }
  const length = [127];
  let rest = bytes.length - 127;
  while (rest >= 128) {
    length.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
};

export const block = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), string(name), string(value)]));

/** Of a plain request. */
export const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'h'],
];

export const headers = (stream: number, fields: readonly Field[], flags = END_STREAM | END_HEADERS): Buffer =>
  frame(TYPE.headers, flags, stream, block(fields));

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that has sent its preface and empty settings. */
export class FrameClient {
  readonly socket: Socket;
  readonly frames: ReceivedFrame[] = [];
  closed = false;
  #rest: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(port: number, settings: Buffer = Buffer.alloc(0)) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    this.socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.send(PREFACE, frame(TYPE.settings, 0, 0, settings));
  }

  send(...frames: readonly Buffer[]): void {
    if (!this.socket.destroyed) {
      this.socket.write(Buffer.concat(frames));
    }
  }

  /** The first frame that has come, or comes, like that; undefined when the connection ends before. */
  async find(is: (frame: ReceivedFrame) => boolean): Promise<ReceivedFrame | undefined> {
    for (;;) {
      const found = this.frames.find(is);
      if (found !== undefined || this.closed) {
        return found;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What became of a stream: its status, the code of its reset, or of the end of the connection. */
  async outcome(stream: number): Promise<string> {
    const end = await this.find(
      ({ type, stream: of }) =>
        type === TYPE.goaway || (of === stream && (type === TYPE.headers || type === TYPE.rstStream)),
    );
    switch (end?.type) {
      case TYPE.headers:
        return 'answered';
      case TYPE.rstStream:
        return `reset ${end.payload.readUInt32BE(0)}`;
      case TYPE.goaway:
        return `goaway ${end.payload.readUInt32BE(4)}`;
      default:
        return 'closed';
    }
  }

  async untilClosed(): Promise<void> {
    await this.find(() => false);
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + length) {
        break;
      }
      const [type = 0, flags = 0] = this.#rest.subarray(3, 5);
      this.frames.push({
        type,
        flags,
        stream: this.#rest.readUInt32BE(5),
        payload: this.#rest.subarray(9, 9 + length),
      });
      this.#rest = this.#rest.subarray(9 + length);
    }
    this.#wake();
  }
}
