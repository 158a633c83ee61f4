// A socket to a MySQL server as packets that are asked for one by one. Whatever goes wrong ends the connection.
import type { Socket } from 'node:net';
import { PacketReader, partsOf, ProtocolError } from './packets.ts';
import { ERR, readServerError } from './server-error.ts';

/** The connection ended before the answer was complete. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What has come and nobody has taken: more is not read until it has been. */
const MAX_WAITING_BYTES = 1024 * 1024;

interface Wait {
  readonly resolve: (packet: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export class Channel {
  #socket: Socket;
  readonly #reader: PacketReader;
  readonly #onClose: () => void;
  #packets: Buffer[] = [];
  #waitingBytes = 0;
  #wait: Wait | undefined;
  #failure: Error | undefined;
  /** Set while the socket is handed over to TLS. */
  #handedOver = false;

  /** `onClose` is called once, when the connection has ended. */
  constructor(socket: Socket, maxPacketBytes: number, onClose: () => void) {
    this.#socket = socket;
    this.#reader = new PacketReader(maxPacketBytes);
    this.#onClose = onClose;
    this.#listen();
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#socket.destroyed;
  }

  /** Nothing has come that nobody has asked for. */
  get quiet(): boolean {
    return this.#packets.length === 0 && this.#wait === undefined && this.#reader.empty;
  }

  /** Each command begins to count anew. */
  beginCommand(): void {
    this.#reader.sequence = 0;
  }

  send(body: Buffer): void {
    const parts = partsOf(body, this.#reader.sequence);
    for (let part = parts.next(); ; part = parts.next()) {
      if (part.done) {
        this.#reader.sequence = part.value;
        return;
      }
      this.#socket.write(part.value);
    }
  }

  /** The next packet. Rejects with what ended the connection; ERR packets are given like others. */
  next(): Promise<Buffer> {
    const packet = this.#packets.shift();
    if (packet !== undefined) {
      this.#waitingBytes -= packet.length;
      if (this.#waitingBytes < MAX_WAITING_BYTES) {
        this.#socket.resume();
      }
      return Promise.resolve(packet);
    }
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    return new Promise((resolve, reject) => {
      this.#wait = { resolve, reject };
    });
  }

  /** The same, but the server's error is thrown. */
  async answer(): Promise<Buffer> {
    const packet = await this.next();
    if (packet[0] === ERR) {
      throw readServerError(packet);
    }
    return packet;
  }

  /** `start` makes the socket one over TLS. Nothing may have come that was sent in the clear. */
  async secure(start: (socket: Socket) => Promise<Socket>): Promise<void> {
    if (!this.quiet) {
      throw new ProtocolError('too much before TLS');
    }
    this.#handedOver = true;
    this.#socket.removeAllListeners('data');
    this.#socket = await start(this.#socket);
    this.#handedOver = false;
    this.#listen();
  }

  /** Ends it for that reason when the signal is aborted; to be called when that is no longer so. */
  endWith(signal: AbortSignal): () => void {
    const onAbort = (): void => this.fail(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
    }
    return () => signal.removeEventListener('abort', onAbort);
  }

  hold(held: boolean): void {
    if (held) {
      this.#socket.ref();
    } else {
      this.#socket.unref();
    }
  }

  /** All that wait are told `error`; for all others the connection is closed. */
  fail(error: Error): void {
    this.#failure ??= error instanceof ConnectionLost ? error : new ConnectionLost('connection closed');
    this.#socket.destroy();
    this.#packets = [];
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.reject(error);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk)).resume();
    socket.on('error', (error) => this.fail(new ConnectionLost(error.message, { cause: error })));
    socket.on('close', () => {
      if (!this.#handedOver && socket === this.#socket) {
        this.fail(new ConnectionLost('connection closed'));
        this.#onClose();
      }
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const packet of this.#reader.push(chunk)) {
        this.#take(packet);
      }
    } catch (error) {
      // expected: a server may send anything; who waits is told.
      this.fail(error as Error);
    }
  }

  #take(packet: Buffer): void {
    const wait = this.#wait;
    this.#wait = undefined;
    if (wait !== undefined) {
      wait.resolve(packet);
      return;
    }
    this.#packets.push(packet);
    this.#waitingBytes += packet.length;
    if (this.#waitingBytes >= MAX_WAITING_BYTES) {
      this.#socket.pause();
    }
  }
}
