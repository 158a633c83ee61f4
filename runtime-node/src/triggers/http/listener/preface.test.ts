import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREFACE } from '../testing/frames.ts';
import { protocolOf } from './preface.ts';

describe('the protocol of a connection', () => {
  it.each([
    ['PUT / HTTP/1.1', 'http1'],
    ['PROPFIND / HTTP/1.1', 'http1'],
    ['PRI * HTTP/1.1\r\n', 'http1'],
    ['\r\n', 'http1'],
    ['PRI * HTTP/2.0\r\n\r\n', undefined],
    ['PR', undefined],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0', 'http2'],
  ])('that begins with %j', (text, protocol) => {
    expect(protocolOf(Buffer.from(text, 'latin1'))).toBe(protocol);
  });

  it('is known once the bytes are no beginning of the preface, and not before', () => {
    fc.assert(
      fc.property(fc.nat(PREFACE.length), fc.uint8Array({ maxLength: 40 }), (taken, rest) => {
        const bytes = Buffer.concat([PREFACE.subarray(0, taken), rest]);
        const begins = PREFACE.subarray(0, bytes.length).equals(bytes.subarray(0, PREFACE.length));
        expect(protocolOf(bytes)).toBe(begins ? (bytes.length < PREFACE.length ? undefined : 'http2') : 'http1');
      }),
    );
  });
});
