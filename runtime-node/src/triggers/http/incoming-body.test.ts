import { describe, expect, it, vi } from 'vitest';
import type { IncomingMessage } from 'node:http';
import type { IncomingBody } from '../../host/http/exchange.ts';
import { Http1Request } from './http1/request.ts';
import type { BodyLimits } from './wire-request.ts';
import { rawExchange } from './testing/raw-server.ts';

const limits: BodyLimits = {
  bytes: undefined,
  onTooLarge: () => {},
  quietMs: 600_000,
  isStalled: () => true,
  onTooSlow: () => {},
};

const incomingBody = (message: IncomingMessage, own: Partial<BodyLimits> = {}): IncomingBody =>
  new Http1Request(message).body({ ...limits, ...own });

const HEAD = 'POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n';

async function readAll(
  request: IncomingMessage,
  piece: number,
): Promise<{ text: string; end: unknown; trailers: unknown }> {
  const body = incomingBody(request);
  let text = '';
  for (;;) {
    if (!body.stream.ready()) {
      await body.stream.wait();
    }
    const part = body.stream.read(piece);
    if ('tag' in part) {
      await body.trailers.wait();
      return { text, end: part.tag, trailers: body.trailers.value() };
    }
    text += Buffer.from(part).toString('latin1');
  }
}

async function bodyOf(request: string, piece = 1000): Promise<{ text: string; end: unknown; trailers: unknown }> {
  let result: Awaited<ReturnType<typeof readAll>> | undefined;
  await rawExchange((message, response) => {
    void readAll(message, piece).then((read) => {
      result = read;
      response.end();
    });
  }, request);
  if (result === undefined) {
    throw new Error('the body was not read to its end');
  }
  return result;
}

describe('the body of a request', () => {
  it('is empty at once without a length, and ends without trailers', async () => {
    expect(await bodyOf('GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n')).toEqual({
      text: '',
      end: 'closed',
      trailers: { tag: 'ok', val: null },
    });
  });

  it.each([1, 2, 1000])('is read whole in pieces of %i bytes', async (piece) => {
    expect((await bodyOf(`${HEAD}content-length: 5\r\n\r\nhello`, piece)).text).toBe('hello');
  });

  it('ends with the trailers behind the last chunk', async () => {
    expect(await bodyOf(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: v\r\n\r\n`)).toEqual({
      text: 'hello',
      end: 'closed',
      trailers: { tag: 'ok', val: [['X-T', 'v']] },
    });
  });

  it('fails when the client goes away before its end', async () => {
    let result: unknown;
    await rawExchange((request) => {
      void readAll(request, 100).then((read) => (result = read));
      setImmediate(() => request.socket.destroy());
    }, `${HEAD}content-length: 50\r\n\r\nhello`);
    await new Promise((done) => setImmediate(done));
    expect(result).toEqual({
      text: 'hello',
      end: 'last-operation-failed',
      trailers: { tag: 'err', val: { tag: 'HTTP-protocol-error' } },
    });
  });

  it('is given up when the client sends nothing of it for ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let result: unknown;
      await rawExchange((request, response) => {
        void readAll(request, 100).then((read) => {
          result = read;
          response.end();
        });
        // Only once the guest waits for the rest is there a time limit.
        request.once('readable', () => setImmediate(() => vi.advanceTimersByTime(600_000)));
      }, `${HEAD}content-length: 50\r\n\r\nhello`);
      expect(result).toEqual({
        text: 'hello',
        end: 'last-operation-failed',
        trailers: { tag: 'err', val: { tag: 'connection-read-timeout' } },
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is waited for on while its client takes what it is sent, and no longer', async () => {
    const asked: boolean[] = [];
    let tooSlow = 0;
    let end: unknown;
    await rawExchange((request, response) => {
      const { stream } = incomingBody(request, {
        quietMs: 20,
        isStalled: () => {
          asked.push(asked.length === 2);
          return asked.length === 3;
        },
        onTooSlow: () => {
          tooSlow += 1;
        },
      });
      void (async () => {
        do {
          await stream.wait();
          end = stream.read(100);
        } while (end instanceof Uint8Array);
        response.end();
      })();
    }, `${HEAD}content-length: 50\r\n\r\nhello`);
    expect([asked, tooSlow, end]).toEqual([[false, false, true], 1, { tag: 'last-operation-failed', val: expect.anything() }]); // prettier-ignore
  });

  it.each([
    ['as many bytes as may be', 5, 'closed', 0],
    ['one more', 4, 'last-operation-failed', 1],
  ])('of %s', async (_what, bytes, expected, times) => {
    let tooLarge = 0;
    let end: unknown;
    await rawExchange((request, response) => {
      const { stream } = incomingBody(request, { bytes, onTooLarge: () => (tooLarge += 1) });
      void (async () => {
        for (;;) {
          await stream.wait();
          const read = stream.read(2);
          if ('tag' in read) {
            end = read.tag;
            response.end();
            return;
          }
        }
      })();
    }, `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    expect([end, tooLarge]).toEqual([expected, times]);
  });

  it('takes from the socket only what the guest reads', async () => {
    const size = 20_000_000;
    let taken = 0;
    await rawExchange(
      (request, response) => {
        const { stream } = incomingBody(request);
        void (async () => {
          await stream.wait();
          stream.read(1);
          // Long enough for every byte to arrive if nothing held it back.
          for (let turn = 0; turn < 200; turn += 1) {
            await new Promise((done) => setImmediate(done));
          }
          taken = request.socket.bytesRead;
          request.socket.destroy();
          response.destroy();
        })();
      },
      `${HEAD}content-length: ${size}\r\n\r\n${'x'.repeat(size)}`,
    );
    expect(taken).toBeLessThan(size / 4);
  });
});
