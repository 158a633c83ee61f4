// One request's way back to its client, the same for HTTP/1.1 and HTTP/2. Which fields go out is decided in the two
// implementations by the same rules (spin-contract.md §3.9): those of the guest, `date`, and the exact length.
import type { HeaderList, ResponseHead } from '../../host/http/exchange.ts';
import type { FixedAnswer } from './well-known.ts';

export interface Reply {
  /** Of the head that was sent. */
  readonly status: number;
  readonly headSent: boolean;
  /** Nothing more can be sent: ended by us, or broken off by whomever. */
  readonly over: boolean;
  /** All of it has gone out. */
  readonly whole: boolean;
  /** The client does not keep up: wait for `drained`. */
  readonly full: boolean;
  /** Grows as the client takes bytes, in whatever unit. */
  readonly taken: number;
  /** The greatest status that the protocol, as Node speaks it, can carry. */
  readonly greatestStatus: number;
  /** The head. `length` is the exact number of bytes to come, or undefined when it is not known. Values are latin1. */
  head(status: number, headers: HeaderList, length: number | undefined): void;
  /** Lets the head go out before there is a body. */
  flush(): void;
  write(chunk: Uint8Array): void;
  end(trailers?: HeaderList): void;
  /** Head and body at once; `bytes` is the length of all chunks. */
  sendWhole(head: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void;
  /** Resolves when there is room again, or nobody to send to. */
  drained(): Promise<void>;
  /** Breaks it off so that the client notices that it is not whole. */
  cut(): void;
  /** The connection does not go on after this answer, where the protocol ties the two together. */
  closeAfter(): void;
  /** What comes of the request is not read to its end: says why, if that can still be said, else cuts. */
  refuse(status: number): void;
  /** What the client is still sending of its request will not be read. */
  release(): void;
  onClose(listener: () => void): void;
}

/** Statuses that never have content (RFC 9110 §6.4.1). */
export const bodiless = (status: number): boolean => status === 204 || status === 304;

/** Answers with a status, no content and no further header. */
export function respondEmpty(reply: Reply, status: number, headers: HeaderList = []): void {
  reply.head(status, headers, 0);
  reply.end();
  reply.release();
}

export function respondFixed(reply: Reply, { status, headers, body }: FixedAnswer): void {
  if (status > reply.greatestStatus) {
    respondEmpty(reply, 500);
    return;
  }
  reply.head(status, headers, body.length);
  reply.write(body);
  reply.end();
  reply.release();
}
