import { describe, expect, it } from 'vitest';
import { MustSuspend } from '../../component/index.ts';
import type { BodySink } from '../../host/http/exchange.ts';
import { StagedOutput, type TriggerResponse } from './staged-output.ts';

/** Writes down what it is told. */
function recorder(): { out: TriggerResponse; log: (stream: string, bytes: Uint8Array) => void; seen: string[] } {
  const seen: string[] = [];
  const sink: BodySink = {
    ready: () => true,
    wait: async () => {},
    room: () => 7,
    write: (chunk) => void seen.push(`write ${Buffer.from(chunk).toString()}`),
    finish: (trailers) => void seen.push(`finish ${JSON.stringify(trailers)}`),
    abort: (reason) => void seen.push(`abort ${reason}`),
  };
  return {
    seen,
    log: (stream, bytes) => void seen.push(`${stream} ${Buffer.from(bytes).toString()}`),
    out: {
      respond: ({ status }, hasBody) => {
        seen.push(`respond ${status} ${String(hasBody)}`);
        return sink;
      },
      respondWhole: ({ status }, chunks, bytes) =>
        void seen.push(`respond ${status} with ${bytes} bytes: ${Buffer.concat(chunks).toString()}`),
      fail: (code) => void seen.push(`fail ${String(code)}`),
    },
  };
}

describe('the output of a call on trial', () => {
  it('shows nothing until it is released, then all of it in order', () => {
    const { out, log, seen } = recorder();
    const staged = new StagedOutput();
    staged.log('stderr', Buffer.from('a'));
    const sink = staged.respond({ status: 201, headers: [] }, true);
    sink.write(Buffer.from('b'));
    sink.finish([['x', 'y']]);
    expect(seen).toEqual([]);
    staged.releaseLog(log);
    staged.releaseResponse(out);
    expect(seen).toEqual(['stderr a', 'respond 201 true', 'write b', 'finish [["x","y"]]']);
  });

  it('ends the trial of a guest that prints much, so that no more than that is ever held back', () => {
    const staged = new StagedOutput();
    staged.log('stdout', new Uint8Array(65_536));
    expect(() => staged.log('stderr', Buffer.from('x'))).toThrow(MustSuspend);
  });

  it('passes an error-code on', () => {
    const { out, seen } = recorder();
    const staged = new StagedOutput();
    staged.fail('internal-error');
    staged.releaseResponse(out);
    expect(seen).toEqual(['fail internal-error']);
  });

  it('gives a response that is there to its end in one piece', () => {
    const { out, seen } = recorder();
    const staged = new StagedOutput();
    const sink = staged.respond({ status: 200, headers: [] }, true);
    sink.write(Buffer.from('a'));
    sink.write(Buffer.from('b'));
    sink.finish(null);
    staged.releaseResponse(out);
    expect(seen).toEqual(['respond 200 with 2 bytes: ab']);
  });

  it('knows whether the response is there to its end', () => {
    const staged = new StagedOutput();
    const sink = staged.respond({ status: 200, headers: [] }, true);
    expect(staged.whole).toBe(false);
    sink.finish(null);
    expect(staged.whole).toBe(true);
    const empty = new StagedOutput();
    empty.respond({ status: 204, headers: [] }, false);
    expect(empty.whole).toBe(true);
  });

  it('makes whoever writes much wait, and is the real body once released', async () => {
    const { out, seen } = recorder();
    const staged = new StagedOutput();
    const sink = staged.respond({ status: 200, headers: [] }, true);
    sink.write(new Uint8Array(65_536));
    expect([sink.room(), sink.ready()]).toEqual([0, false]);
    const waiting = sink.wait();
    staged.releaseResponse(out);
    await waiting;
    expect([sink.room(), sink.ready()]).toEqual([7, true]);
    sink.write(Buffer.from('later'));
    sink.abort('cut');
    expect(seen.slice(-2)).toEqual(['write later', 'abort cut']);
  });
});
