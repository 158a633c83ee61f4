// What is watched of a connection that speaks HTTP/1.1, besides what node:http watches itself (the time for a head, and
// for a connection without a request).
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from '../reply.ts';
import type { ListenerLimits } from './limits.ts';
import { Stillness } from './stillness.ts';
import type { Watched } from './connections.ts';

/** What node shows of a socket nowhere else: bytes that the kernel has not taken. */
type WithHandle = Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };

export class Http1Connection implements Watched {
  readonly #socket: WithHandle;
  readonly #limits: Pick<ListenerLimits, 'responseMs' | 'bodyMs'>;
  readonly #unread = new Stillness();
  readonly #unsent = new Stillness();
  /** No further request of it will be answered, whatever the client has sent already. */
  last = false;
  #refused = false;
  #request: IncomingMessage | undefined;
  #reply: Reply | undefined;

  constructor(socket: Socket, limits: Pick<ListenerLimits, 'responseMs' | 'bodyMs'>) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** What comes cannot be parsed. Calls `refuse` when the client has its answers to what it has asked before. */
  malformed(refuse: () => void): void {
    const reply = this.#reply;
    const behind = this.#request?.complete !== false;
    if (this.last && (behind || this.#refused)) {
      // Not looked at.
      return;
    }
    this.last = true;
    this.#refused = true;
    if (reply === undefined || reply.whole || !behind) {
      refuse();
    } else {
      reply.onClose(refuse);
    }
  }

  /** The exchange that goes on; of several in a row, the last. */
  exchange(request: IncomingMessage, reply: Reply): void {
    this.#request = request;
    this.#reply = reply;
  }

  look(now: number): void {
    const socket = this.#socket;
    const queued = socket.writableLength;
    // What has gone out in whole writes. The size of the queue says nothing of progress by itself, but it shows that of
    // one large write.
    const written = queued > 0 ? socket.bytesWritten - queued : undefined;
    // Answered, and yet its body is not here: it is read away, but not for ever.
    const rest = this.#reply?.over === true && this.#request?.complete === false ? 0 : undefined;
    if (
      this.#unread.lasts(written, now, socket._handle?.writeQueueSize) >= this.#limits.responseMs ||
      this.#unsent.lasts(rest, now) >= this.#limits.bodyMs
    ) {
      socket.destroy();
    }
  }

  /** Node knows which connections of HTTP/1.1 are idle. */
  finish(): void {}
}
