// A response's body: read whole within a bound, or handed on piece by piece.
import type { Readable } from 'node:stream';
import type { Incoming } from './connection.ts';
import { TransportError } from './errors.ts';
import type { ByteStream } from './types.ts';

/** Throws the reason of the signal when that is why the body broke off. */
export async function readBody(
  { body, headers, failure }: Incoming,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = Number(headers['content-length'] ?? 0) > maxBytes ? Infinity : 0;
  for await (const chunk of readable(body, failure, signal)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      break;
    }
    chunks.push(chunk);
  }
  if (bytes > maxBytes) {
    body.destroy();
    throw new TransportError('too-large', `the response has more than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

async function* readable(
  body: Readable,
  failure: Incoming['failure'],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let broken: Error | undefined;
  try {
    yield* body;
    broken = failure();
  } catch (error) {
    // expected: whether the body is whole, the connection knows.
    broken = failure(error);
  }
  if (broken !== undefined) {
    signal.throwIfAborted();
    throw broken;
  }
}

/** `exchange` is ended with the stream, whoever ends it. */
export function byteStream(
  { body, failure }: Incoming,
  exchange: { readonly signal: AbortSignal; end(reason: Error): void },
): ByteStream {
  let isClosedHere = false;
  const close = (): void => {
    isClosedHere = true;
    body.destroy();
    exchange.end(new TransportError('closed', 'the stream was closed here'));
  };
  return {
    close,
    async *[Symbol.asyncIterator]() {
      try {
        yield* readable(body, failure, exchange.signal);
      } catch (error) {
        // expected: who closes the stream beside its loop wants the loop to end.
        if (!isClosedHere) {
          throw error;
        }
      } finally {
        close();
      }
    },
  };
}

/** JSON as a value; anything else, a proxy's page for example, as text. */
export function parseBody(bytes: Buffer, { status, headers }: Pick<Incoming, 'status' | 'headers'>): unknown {
  const text = bytes.toString('utf8');
  if (text === '') {
    return undefined;
  }
  if (!String(headers['content-type'] ?? '').includes('json')) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (status >= 400) {
      // The status says enough.
      return text;
    }
    throw new TransportError('protocol', `the API server's answer is not the JSON it says it is`, error);
  }
}
