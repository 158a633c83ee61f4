// `stream<u8>` of WASI 0.3 over the streams that capabilities implement, and back. Bytes are moved as the other side takes
// them: nothing is buffered here.
import { FutureReader, ok, StreamReader, type Result } from '../../component/index.ts';
import { CLOSED, type InputStream, type IoError, type OutputStream, type StreamError } from './streams.ts';
import { answerOf, NOT_YET } from './wake.ts';

/** What became of a stream. */
export type StreamEnd<E> = Result<undefined, E>;

/** How an error of a stream is told. */
export type ErrorOf<E> = (error: IoError) => E;

/** The bytes of `stream`, and how it has ended; the latter once there are no more bytes, or nobody wants them. */
export function readable<E>(
  stream: InputStream,
  errorOf: ErrorOf<E>,
  onEnd?: () => void,
): [bytes: StreamReader, end: FutureReader<StreamEnd<E>>] {
  const { promise, resolve } = Promise.withResolvers<StreamEnd<E>>();
  const end = (how: StreamEnd<E>): void => {
    resolve(how);
    stream[Symbol.dispose]();
    onEnd?.();
  };
  const reader = StreamReader.from({
    read: (most) =>
      answerOf(stream, () => {
        const got = stream.read(most);
        if (got instanceof Uint8Array) {
          return got.length === 0 ? NOT_YET : got;
        }
        end(endOf(got, errorOf));
        return undefined;
      }),
    close: () => end(ok(undefined)),
  });
  return [reader, FutureReader.from(promise)];
}

/** Most that is taken of a guest in one piece. */
const PIECE = 65_536;

/** Writes all of `source`, as `target` takes it; the answer is there when all was taken. Never rejects. */
export async function writeAll<E>(
  source: StreamReader,
  target: OutputStream,
  errorOf: ErrorOf<E>,
): Promise<StreamEnd<E>> {
  try {
    for (;;) {
      const room = await answerOf(target, () => {
        const budget = target.checkWrite();
        return budget === 0 ? NOT_YET : budget;
      });
      if (typeof room !== 'number') {
        return endOf(room, errorOf);
      }
      const bytes = await source.read(Math.min(room, PIECE));
      if (bytes === undefined) {
        return await flushed(target, errorOf);
      }
      const failure = target.write(bytes);
      if (failure !== undefined) {
        return endOf(failure, errorOf);
      }
    }
  } finally {
    source[Symbol.dispose]();
    target[Symbol.dispose]();
  }
}

async function flushed<E>(target: OutputStream, errorOf: ErrorOf<E>): Promise<StreamEnd<E>> {
  const failure = target.flush();
  if (failure !== undefined) {
    return endOf(failure, errorOf);
  }
  const left = await answerOf(target, () => target.checkWrite());
  return typeof left === 'number' ? ok(undefined) : endOf(left, errorOf);
}

/** That it is closed is no error. */
function endOf<E>(error: StreamError, errorOf: ErrorOf<E>): StreamEnd<E> {
  return error === CLOSED || error.tag === 'closed' ? ok(undefined) : { tag: 'err', val: errorOf(error.val) };
}

/** A stream without bytes. */
export const noBytes = (): StreamReader => StreamReader.from<Uint8Array>({ read: () => undefined });
