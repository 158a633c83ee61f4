// One connection to a Redis server: commands in order, each with its reply. Whatever is wrong ends it for good, and all
// who wait are told; there is no reconnecting here.
import type { Socket } from 'node:net';
import { connectionErrorText } from '../../network/index.ts';
import { Decoder } from './decoder.ts';
import { encodeCommand, type Argument } from './encode.ts';
import { ProtocolError } from './protocol-error.ts';
import type { Reply } from './reply.ts';

/** The connection is gone; the message is for the guest. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Spin's MAX_HOST_BUFFERED_BYTES: what one answer may hold (spin-contract.md §4). */
const MAX_REPLY_BYTES = 134_217_728;

/** A server that has begun a reply and then says nothing for this long will not end it. Before that it may take its time. */
const STALL_MS = 30_000;

export interface ConnectionOptions {
  readonly onClose: () => void;
  /** No command is sent that waits, as BLPOP does, so that silence means that the server is gone. */
  readonly answersAtOnce?: boolean;
}

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

export class RespConnection {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  readonly #decoder: Decoder;
  readonly #onClose: () => void;
  #failure: Error | undefined;

  constructor(socket: Socket, { onClose, answersAtOnce = false }: ConnectionOptions) {
    this.#socket = socket;
    this.#onClose = onClose;
    this.#decoder = new Decoder({ replyBytes: MAX_REPLY_BYTES }, (reply) => this.#answer(reply));
    socket.setTimeout(STALL_MS, () => {
      if (this.#decoder.midReply || (answersAtOnce && this.#pending.length > 0)) {
        this.#fail(new ConnectionLost('timed out'));
      }
    });
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(new ConnectionLost(connectionErrorText(error), { cause: error })));
    socket.on('close', () => this.#fail(new ConnectionLost('unexpected end of file')));
  }

  get usable(): boolean {
    return this.#failure === undefined;
  }

  /** Nobody waits for a reply. */
  get quiet(): boolean {
    return this.#pending.length === 0 && !this.#decoder.midReply;
  }

  /** Whether it keeps the process alive. */
  hold(held: boolean): void {
    if (held) {
      this.#socket.ref();
    } else {
      this.#socket.unref();
    }
  }

  /** The server's refusal is a reply too. Rejects with ConnectionLost or ProtocolError. */
  send(command: string, args: readonly Argument[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#pending.push({ resolve, reject });
      this.#socket.write(encodeCommand(command, args));
    });
  }

  destroy(reason: Error = new ConnectionLost('the connection was closed')): void {
    this.#fail(reason);
  }

  #read(chunk: Buffer): void {
    if (this.#failure !== undefined) {
      return;
    }
    try {
      this.#decoder.write(chunk);
    } catch (error) {
      // expected: the server sends what is no reply; those who wait are told
      this.#fail(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  }

  #answer(reply: Reply): void {
    const next = this.#pending.shift();
    if (next === undefined) {
      throw new ProtocolError('the server answers what nobody asked');
    }
    next.resolve(reply);
  }

  #fail(failure: Error): void {
    if (this.#failure !== undefined) {
      return;
    }
    this.#failure = failure;
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) {
      reject(failure);
    }
    this.#onClose();
  }
}
