import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../driver-socket/failures.ts';
import { FrameReader } from './frames.ts';
import { debugServerError, readServerError } from './server-error.ts';

const frame = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};

describe('messages', () => {
  it('are found however the bytes are cut', () => {
    const message = fc.tuple(fc.constantFrom('D', 'Z', 'E', 'T'), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(([type, body]) => frame(type, Buffer.from(body))));
        const reader = new FrameReader(10_000);
        const found: [string, number[]][] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          // Copied, since a socket's chunks are its own.
          for (const { type, body } of reader.push(Buffer.from(bytes.subarray(at, at + size)))) {
            found.push([type, [...body]]);
          }
          at += size;
        }
        expect(found).toEqual(messages.map(([type, body]) => [type, [...body]]));
      }),
    );
  });

  it.each([
    ['too long', Buffer.from([68, 0xff, 0xff, 0xff, 0xff])],
    ['shorter than their own length', Buffer.from([68, 0, 0, 0, 3])],
  ])('are refused when they are %s', (_, bytes) => {
    expect(() => [...new FrameReader(1000).push(bytes)]).toThrow(ProtocolError);
  });
});

describe("the server's errors", () => {
  it('are written as the Rust driver writes them', () => {
    const fields = {
      S: 'ERROR',
      V: 'ERROR',
      C: '42P01',
      M: 'relation "nope" does not exist',
      P: '15',
      F: 'parse_relation.c',
      L: '1392',
      R: 'parserOpenTable',
    };
    const body = Buffer.from(
      `${Object.entries(fields)
        .map(([letter, text]) => `${letter}${text}\0`)
        .join('')}\0`,
    );
    expect(debugServerError(readServerError(body))).toBe(
      'Error { kind: Db, cause: Some(DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E42P01), message: "relation \\"nope\\" does not exist", detail: None, hint: None, position: Some(Original(15)), where_: None, schema: None, table: None, column: None, datatype: None, constraint: None, file: Some("parse_relation.c"), line: Some(1392), routine: Some("parserOpenTable") }) }',
    );
  });
});
