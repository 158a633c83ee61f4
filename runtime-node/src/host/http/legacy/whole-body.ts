// Reads a body to its end, where an interface has no streams: at once when it is there, else as it comes.
import { andThen } from '../../attempt.ts';
import type { InputStream, StreamError } from '../../io/streams.ts';
import { blockingRead } from '../../wasi-io/operations.ts';

export type WholeBody =
  | { readonly tag: 'whole'; readonly bytes: Uint8Array }
  /** There was more than the limit; the rest was not read. */
  | { readonly tag: 'too-large' }
  | { readonly tag: 'broken-off' };

const PIECE_BYTES = 65_536;

/** Disposes the stream. */
export function readWhole(stream: InputStream, limit: number): WholeBody | Promise<WholeBody> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const ended = (end: WholeBody): WholeBody => {
    stream[Symbol.dispose]();
    return end;
  };
  const take = (read: Uint8Array | StreamError): WholeBody | undefined => {
    if (!(read instanceof Uint8Array)) {
      return ended(read.tag === 'closed' ? { tag: 'whole', bytes: joined(pieces) } : { tag: 'broken-off' });
    }
    length += read.length;
    if (length > limit) {
      return ended({ tag: 'too-large' });
    }
    pieces.push(read);
    return undefined;
  };
  const next = (): WholeBody | Promise<WholeBody> => {
    for (;;) {
      const read = blockingRead(stream, PIECE_BYTES);
      if (read instanceof Promise) {
        return read.then((later) => take(later) ?? next());
      }
      const end = take(read);
      if (end !== undefined) {
        return end;
      }
    }
  };
  return andThen(next(), (end) => end);
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
