// A list of the host as a `stream<T>` with its end, as the interfaces of Spin 4 give rows and keys.
import { FutureReader, ok, StreamReader, type Result } from '../../component/index.ts';

export type ListStream<T, E> = [items: StreamReader<readonly T[]>, end: FutureReader<Result<undefined, E>>];

/** `end` is what the future says; what has failed gives no items. */
export function listStream<T, E>(items: readonly T[], end: Result<undefined, E> = ok(undefined)): ListStream<T, E> {
  let at = 0;
  const reader = StreamReader.from<readonly T[]>({
    read(most) {
      if (at === items.length) {
        return undefined;
      }
      const piece = items.slice(at, at + most);
      at += piece.length;
      return piece;
    },
  });
  return [reader, FutureReader.from(end)];
}
