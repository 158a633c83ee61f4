import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseHead } from '../../../host/http/exchange.ts';
import { RecordingResponse, RecordingSink } from '../../../host/http/testing/recording-response.ts';
import { CLOSED } from '../../../host/io/streams.ts';
import type { TriggerResponse } from '../staged-output.ts';
import { CgiOutput, NoCgiResponse, type CgiOutputOptions } from './cgi-output.ts';

class Recording extends RecordingResponse implements TriggerResponse {
  whole: string | undefined;

  respondWhole(head: ResponseHead, chunks: readonly Uint8Array[]): void {
    this.head = head;
    this.whole = Buffer.concat(chunks).toString('latin1');
  }

  /** What a client has seen of the body so far. */
  get body(): string {
    return this.whole ?? this.sink.text;
  }
}

const HEAD = 'content-type: a/b\n\n';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function command(options: Partial<CgiOutputOptions> = {}, out = new Recording()) {
  const output = new CgiOutput(out, { component: 'c', method: 'GET', onTrial: false, ...options });
  const stream = output.stream();
  return { out, output, stream, print: (text: string) => stream.write(bytes(text)) };
}

describe('the output of a command on trial', () => {
  it('goes nowhere before the end, and then with its length', async () => {
    const { out, output, print } = command({ onTrial: true });
    print(HEAD);
    print('body');
    await turn();
    expect(out.head).toBeUndefined();
    output.end();
    expect(out).toMatchObject({
      head: {
        status: 200,
        headers: [
          ['content-type', 'a/b'],
          ['content-length', '4'],
        ],
      },
      whole: 'body',
    });
  });

  it('has no room for more than is held', async () => {
    const { stream, print } = command({ onTrial: true });
    print(HEAD);
    expect([stream.checkWrite(), stream.ready()]).toEqual([65_536, true]);
    print('x'.repeat(65_536));
    expect([stream.checkWrite(), stream.ready()]).toEqual([0, false]);
    // Resolved without being ready it would be asked again and again.
    expect(await Promise.race([stream.wait(), turn('still waiting')])).toBe('still waiting');
  });
});

describe('the output of a command', () => {
  it('has gone out when the command has let something else happen', async () => {
    const { out, output, print } = command();
    print(`${HEAD}one`);
    expect(out.head).toBeUndefined();
    await turn();
    expect([out.head?.headers, out.body]).toEqual([[['content-type', 'a/b']], 'one']);
    print('two');
    expect([out.body, out.sink.finished]).toEqual(['onetwo', false]);
    output.end();
    expect([out.body, out.sink.finished]).toEqual(['onetwo', true]);
  });

  it('goes out at once when it is more than is held, and then as fast as it is taken', async () => {
    const { out, output, stream, print } = command({}, new Recording(new RecordingSink(1)));
    print(`${HEAD}${'x'.repeat(60_000)}`);
    expect(out.head).toBeUndefined();
    print('y'.repeat(60_000));
    expect(out.body).toHaveLength(120_000);
    for (let piece = 0; stream.ready(); piece += 1) {
      print('z'.repeat(16_384));
      expect(piece).toBeLessThan(3);
    }
    expect(stream.checkWrite()).toBe(0);
    const waited = stream.wait();
    out.sink.read(100);
    await waited;
    output.end();
    expect(out.sink.finished).toBe(true);
  });

  it('is closed when the client has gone', () => {
    const { out, stream, print } = command();
    print(`${HEAD}${'x'.repeat(70_000)}`);
    out.sink.disconnect();
    expect(stream.checkWrite()).toEqual(CLOSED);
  });

  it.each([true, false])('of a command that failed is thrown away, or cut when it has begun (%s)', async (begun) => {
    const { out, output, print } = command();
    print(`${HEAD}half`);
    if (begun) {
      await turn();
    }
    output.abandon('it failed');
    await turn();
    expect([out.head === undefined, out.sink.aborted]).toEqual(begun ? [false, 'it failed'] : [true, undefined]);
  });

  it('ends the command whose head cannot end well', () => {
    expect(() => command().print('x-a: 1\n\n')).toThrow(NoCgiResponse);
    const { print } = command();
    print(`content-type: a/b\n${'x'.repeat(60_000)}`);
    expect(() => print('y'.repeat(60_000))).toThrow('component "c" wrote 120018 bytes of CGI headers');
  });

  it.each([
    ['GET', HEAD, 'x', '1'],
    ['GET', 'status: 200\ncontent-length: 9\n\n', 'x', '1'],
    ['HEAD', 'status: 200\ncontent-length: 9\n\n', '', '9'],
    ['HEAD', HEAD, 'xx', '2'],
    ['HEAD', HEAD, '', undefined],
    ['GET', 'status: 304\ncontent-length: 9\n\n', '', '9'],
    ['GET', 'status: 204\ncontent-length: 9\n\n', '', undefined],
  ])('answers %s with %j and %j by content-length %s', (method, head, body, length) => {
    const { out, output, print } = command({ method });
    print(head + body);
    output.end();
    expect(out.head?.headers.find(([name]) => name === 'content-length')?.[1]).toBe(length);
  });

  it.each([
    [99_999, 'the body is not as long as its content-length says', false],
    [100_000, undefined, true],
    [100_001, undefined, true],
  ])('of %s bytes where 100000 were declared is aborted: %s', (size, aborted, finished) => {
    const { out, output, print } = command();
    print('status: 200\ncontent-length: 100000\n\n');
    for (let left = size; left > 0; left -= 50_000) {
      print('x'.repeat(Math.min(left, 50_000)));
    }
    output.end();
    expect(out.sink).toMatchObject({ aborted, finished });
    expect(out.body).toHaveLength(Math.min(size, 100_000));
  });

  it('is the same however it was printed', async () => {
    // Small ones in the head, not too many in the body.
    const pieces = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 8 });
    const sizes = fc.integer({ min: 0, max: 120_000 });
    await fc.assert(
      fc.asyncProperty(pieces, sizes, fc.boolean(), async (cuts, size, waits) => {
        const { out, output, print } = command();
        const text = `x-a: 1\r\n${HEAD}${'b'.repeat(size)}`;
        for (let at = 0, cut = 0; at < text.length; cut += 1) {
          const drawn = cuts[cut % cuts.length] ?? 1;
          const length = at < 40 ? (drawn % 7) + 1 : drawn + 2000;
          print(text.slice(at, at + length));
          at += length;
          if (waits) {
            await turn();
          }
        }
        output.end();
        expect(out.head?.status).toBe(200);
        expect(out.head?.headers.slice(0, 2)).toEqual([
          ['content-type', 'a/b'],
          ['x-a', '1'],
        ]);
        expect(out.body).toBe('b'.repeat(size));
      }),
      { numRuns: 40 },
    );
  });
});
