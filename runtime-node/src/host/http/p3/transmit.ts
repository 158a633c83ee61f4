// Messages of WASI 0.3 going out through the outgoing bodies of 0.2, which know content-length, back-pressure and cutting.
import { err, FutureDropped, ok, type FutureReader, type StreamReader } from '../../../component/index.ts';
import { answerOf, NOT_YET } from '../../io/wake.ts';
import type { ErrorCode } from '../error-code.ts';
import type { OutgoingBody } from '../types/outgoing-body.ts';
import type { Taken, Trailers, Transmission } from './contents.ts';

/** The peer, or who stands for it, takes no more. */
const GONE: ErrorCode = { tag: 'connection-terminated' };

/** Sends what there is, as the peer takes it, and tells the maker. Never rejects: what goes wrong cuts the message. */
export async function transmit({ bytes, trailers, sent }: Taken, body: OutgoingBody): Promise<void> {
  let result: Transmission = err(GONE);
  try {
    result = (await sendBytes(bytes, body)) ?? (await finish(trailers, body));
  } catch (error) {
    // expected: the guest has ended before its message.
    body.pipe.abort(
      error instanceof FutureDropped
        ? 'the guest dropped the trailers of a message before it was whole'
        : String(error),
    );
  } finally {
    bytes?.[Symbol.dispose]();
    trailers[Symbol.dispose]();
    sent(result);
  }
}

/** Gives what has gone wrong. */
async function sendBytes(bytes: StreamReader | undefined, { pipe }: OutgoingBody): Promise<Transmission | undefined> {
  if (bytes === undefined) {
    return undefined;
  }
  for (;;) {
    const room = await answerOf(pipe, () => {
      const budget = pipe.checkWrite();
      return budget === 0 ? NOT_YET : budget;
    });
    if (typeof room !== 'number') {
      return pipe.complete ? undefined : err(GONE);
    }
    const chunk = await bytes.read(room);
    if (chunk === undefined) {
      return undefined;
    }
    const failure = pipe.write(chunk);
    if (failure?.tag === 'last-operation-failed') {
      return err((failure.val.httpErrorCode as ErrorCode | undefined) ?? GONE);
    }
    if (failure !== undefined) {
      return err(GONE);
    }
  }
}

async function finish(trailers: FutureReader<Trailers>, body: OutgoingBody): Promise<Transmission> {
  const end = await trailers.read();
  if (end.tag === 'err') {
    body.pipe.abort(`the guest ended its message with ${end.val.tag}`);
    return end;
  }
  const finished = body.finish(end.val);
  return finished.tag === 'ok' ? ok(undefined) : finished;
}
