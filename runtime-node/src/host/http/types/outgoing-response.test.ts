import { describe, expect, it } from 'vitest';
import { err, ok, Trap } from '../../../component/index.ts';
import type { OutputStream } from '../../io/streams.ts';
import { RecordingResponse, RecordingSink } from '../testing/recording-response.ts';
import { Fields } from './fields.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { OutgoingResponse } from './outgoing-response.ts';
import { ResponseOutparam } from './response-outparam.ts';

const MEBIBYTE = 1_048_576;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function fieldsOf(headers: Record<string, string>): Fields {
  const fields = new Fields();
  for (const [name, value] of Object.entries(headers)) {
    fields.append(name, bytes(value));
  }
  return fields;
}

interface Open {
  readonly response: OutgoingResponse;
  readonly body: OutgoingBody;
  readonly stream: OutputStream;
}

function openResponse(headers: Record<string, string> = {}): Open {
  const response = new OutgoingResponse(fieldsOf(headers));
  const body = response.body().val as OutgoingBody;
  return { response, body, stream: body.write().val as OutputStream };
}

describe('response-outparam', () => {
  it('sends status and headers, and says that there is no body when it was never taken', () => {
    const out = new RecordingResponse();
    const response = new OutgoingResponse(fieldsOf({ 'Content-Type': 'text/plain' }));
    expect(response.setStatusCode(201)).toEqual(ok(undefined));
    new ResponseOutparam(out).set(ok(response));
    expect(out.head).toEqual({ status: 201, headers: [['content-type', 'text/plain']] });
    expect(out.hasBody).toBe(false);
    expect(out.sink.finished).toBe(false);
  });

  it('passes an error-code on', () => {
    const out = new RecordingResponse();
    new ResponseOutparam(out).set(err({ tag: 'internal-error' as const, val: 'no' }));
    expect(out.failure).toEqual({ tag: 'internal-error', val: 'no' });
    expect(out.head).toBeUndefined();
  });

  it('traps when it is set again', () => {
    const outparam = new ResponseOutparam(new RecordingResponse());
    outparam.set(ok(new OutgoingResponse(new Fields())));
    expect(() => outparam.set(err({ tag: 'internal-error' as const, val: undefined }))).toThrow(Trap);
  });

  it('ends the body of a guest that returned without finishing it', () => {
    const out = new RecordingResponse();
    const { response, stream } = openResponse();
    const outparam = new ResponseOutparam(out);
    outparam.set(ok(response));
    stream.write(bytes('all'));
    outparam.returned();
    expect(out.sink).toMatchObject({ finished: true, aborted: undefined, text: 'all' });
  });

  it('cuts the body of a guest that returned before it was as long as it had said', () => {
    const out = new RecordingResponse();
    const { response, stream } = openResponse({ 'content-length': '4' });
    const outparam = new ResponseOutparam(out);
    outparam.set(ok(response));
    stream.write(bytes('all'));
    outparam.returned();
    expect(out.sink).toMatchObject({ finished: false, aborted: expect.any(String) });
  });

  it('has nothing to end for a guest that finished its body, had none, or never answered', () => {
    const out = new RecordingResponse();
    const { response, body, stream } = openResponse();
    const outparam = new ResponseOutparam(out);
    outparam.set(ok(response));
    stream[Symbol.dispose]();
    body.finish(fieldsOf({ 'x-t': '1' }));
    outparam.returned();
    expect(out.sink.trailers).toEqual([['x-t', '1']]);
    new ResponseOutparam(out).returned();
  });
});

describe('outgoing-response', () => {
  it.each([
    [99, 'err'],
    [100, 'ok'],
    [599, 'ok'],
    [999, 'ok'],
    [1000, 'err'],
    [0, 'err'],
  ])('takes the status %i: %s', (status, expected) => {
    const response = new OutgoingResponse(new Fields());
    expect(response.setStatusCode(status).tag).toBe(expected);
    expect(response.statusCode()).toBe(expected === 'ok' ? status : 200);
  });

  it('gives its body once, and the body its stream once', () => {
    const { response, body } = openResponse();
    expect(response.body()).toEqual(err(undefined));
    expect(body.write()).toEqual(err(undefined));
  });

  it('gives no body when the content-length is not one number', () => {
    const headers = Fields.received([
      ['content-length', '5'],
      ['content-length', '6'],
    ]);
    expect(new OutgoingResponse(headers).body()).toEqual(err(undefined));
    expect(new OutgoingResponse(Fields.received([['content-length', 'x']])).body()).toEqual(err(undefined));
  });

  it('has immutable headers', () => {
    const headers = new Fields();
    const response = new OutgoingResponse(headers);
    expect(response.headers().append('x', bytes('1'))).toEqual(err({ tag: 'immutable' }));
    expect(headers.append('x', bytes('1'))).toEqual(err({ tag: 'immutable' }));
  });

  it('closes its body when it is dropped unsent', () => {
    const { response, stream } = openResponse();
    response[Symbol.dispose]();
    expect(stream.checkWrite()).toEqual({ tag: 'closed' });
    expect(stream.ready()).toBe(true);
  });
});

describe('the stream of an outgoing-body', () => {
  it('takes 1 MiB a write and traps on more', () => {
    const { stream } = openResponse();
    expect(stream.checkWrite()).toBe(MEBIBYTE);
    expect(() => stream.write(new Uint8Array(MEBIBYTE + 1))).toThrow(Trap);
  });

  it('holds two large chunks while the response is not set, then waits, and traps on a third', async () => {
    const { response, body, stream } = openResponse();
    stream.write(new Uint8Array(MEBIBYTE));
    expect(stream.ready()).toBe(true);
    stream.write(new Uint8Array(MEBIBYTE));
    expect(stream.checkWrite()).toBe(0);
    expect(stream.ready()).toBe(false);
    expect(() => stream.write(new Uint8Array(1))).toThrow(Trap);
    const waited = Promise.all([stream.wait(), stream.wait()]);
    const out = new RecordingResponse();
    new ResponseOutparam(out).set(ok(response));
    await waited;
    expect(out.sink.chunks.map((chunk) => chunk.length)).toEqual([MEBIBYTE, MEBIBYTE]);
    stream[Symbol.dispose]();
    expect(body.finish(undefined)).toEqual(ok(undefined));
    expect(out.sink.finished).toBe(true);
  });

  it('holds some more small chunks, so that a guest may write a few before it sets the response', () => {
    const { response, stream } = openResponse();
    for (let i = 0; i < 4; i += 1) {
      expect(stream.checkWrite()).toBe(MEBIBYTE);
      stream.write(new Uint8Array(4096));
    }
    expect(stream.checkWrite()).toBe(0);
    const out = new RecordingResponse();
    new ResponseOutparam(out).set(ok(response));
    expect(out.sink.chunks).toHaveLength(4);
  });

  it('is finished before the response is set and still arrives whole, with its trailers', () => {
    const { response, body, stream } = openResponse();
    stream.write(bytes('early'));
    stream[Symbol.dispose]();
    expect(body.finish(fieldsOf({ 'X-T': 'v' }))).toEqual(ok(undefined));
    const out = new RecordingResponse();
    new ResponseOutparam(out).set(ok(response));
    expect(out.sink).toMatchObject({ text: 'early', finished: true, trailers: [['x-t', 'v']] });
  });

  it('waits while the client does not read and goes on when it does', async () => {
    const sink = new RecordingSink(1);
    const { response, stream } = openResponse();
    new ResponseOutparam(new RecordingResponse(sink)).set(ok(response));
    for (let i = 0; i < 3; i += 1) {
      stream.write(new Uint8Array(MEBIBYTE).fill(i));
    }
    expect(sink.chunks).toHaveLength(1);
    expect(stream.ready()).toBe(false);
    const waited = stream.wait();
    sink.read(1);
    await waited;
    expect(stream.checkWrite()).toBe(MEBIBYTE);
    expect(sink.chunks.map((chunk) => chunk[0])).toEqual([0, 1]);
  });

  it('wakes and is closed when the client goes away', async () => {
    const sink = new RecordingSink(0);
    const { response, body, stream } = openResponse();
    new ResponseOutparam(new RecordingResponse(sink)).set(ok(response));
    stream.write(new Uint8Array(MEBIBYTE));
    stream.write(new Uint8Array(MEBIBYTE));
    const waited = stream.wait();
    sink.disconnect();
    await waited;
    expect(stream.checkWrite()).toEqual({ tag: 'closed' });
    expect(stream.write(bytes('x'))).toEqual({ tag: 'closed' });
    expect(stream.flush()).toEqual({ tag: 'closed' });
    stream[Symbol.dispose]();
    expect(body.finish(undefined)).toEqual(ok(undefined));
  });

  it('sends what was declared and fails on more', () => {
    const out = new RecordingResponse();
    const { response, body, stream } = openResponse({ 'content-length': '5' });
    new ResponseOutparam(out).set(ok(response));
    expect(stream.write(bytes('met'))).toBeUndefined();
    expect(stream.write(bytes('hod Get'))).toMatchObject({
      tag: 'last-operation-failed',
      val: { httpErrorCode: { tag: 'HTTP-response-body-size', val: 10n } },
    });
    expect(out.sink).toMatchObject({ text: 'metho', finished: true, aborted: undefined });
    expect(stream.checkWrite()).toEqual({ tag: 'closed' });
    stream[Symbol.dispose]();
    expect(body.finish(undefined)).toEqual(err({ tag: 'HTTP-response-body-size', val: 10n }));
    expect(out.sink.aborted).toBeUndefined();
  });

  it('cuts a message that is shorter than declared', () => {
    const out = new RecordingResponse();
    const { response, body, stream } = openResponse({ 'content-length': '5' });
    new ResponseOutparam(out).set(ok(response));
    stream.write(bytes('four'));
    stream[Symbol.dispose]();
    expect(body.finish(undefined)).toEqual(err({ tag: 'HTTP-response-body-size', val: 4n }));
    expect(out.sink).toMatchObject({ finished: false, aborted: expect.any(String) });
  });

  it('ignores an empty write', () => {
    const out = new RecordingResponse();
    const { response, stream } = openResponse();
    new ResponseOutparam(out).set(ok(response));
    expect(stream.write(new Uint8Array(0))).toBeUndefined();
    expect(out.sink.chunks).toEqual([]);
  });
});

describe('outgoing-body', () => {
  it('cuts the message when it is dropped unfinished', () => {
    const out = new RecordingResponse();
    const { response, body, stream } = openResponse();
    new ResponseOutparam(out).set(ok(response));
    stream.write(bytes('part'));
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
    expect(out.sink).toMatchObject({ text: 'part', finished: false, aborted: expect.any(String) });
  });

  it('cuts the message even when it was dropped before the response was set', () => {
    const { response, body, stream } = openResponse();
    stream.write(bytes('part'));
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
    const out = new RecordingResponse();
    new ResponseOutparam(out).set(ok(response));
    expect(out.sink.aborted).toEqual(expect.any(String));
  });

  it.each([
    ['dropped', (body: OutgoingBody) => body[Symbol.dispose]()],
    ['finished', (body: OutgoingBody) => body.finish(undefined)],
  ])('traps when it is %s while its stream lives, and cuts the message then too', (_what, end) => {
    const out = new RecordingResponse();
    const { response, body } = openResponse();
    new ResponseOutparam(out).set(ok(response));
    expect(() => end(body)).toThrow(Trap);
    expect(out.sink.aborted).toEqual(expect.any(String));
  });

  it('traps when its stream is dropped while a pollable of it lives', () => {
    const { stream } = openResponse();
    const pollable = stream.subscribe();
    expect(() => stream[Symbol.dispose]()).toThrow(Trap);
    pollable[Symbol.dispose]();
    stream[Symbol.dispose]();
  });
});
