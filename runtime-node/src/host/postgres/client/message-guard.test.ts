// What a PostgreSQL server sends, and what of it the client is given.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoginError, ProtocolError } from '../../driver-socket/failures.ts';
import { MessageGuard, type Row } from './message-guard.ts';

const message = (type: string, ...body: (string | readonly number[])[]): Buffer => {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part as string)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length + 4);
  return Buffer.concat([Buffer.from(type), length, bytes]);
};
const OK = message('R', [0, 0, 0, 0]);
const READY = message('Z', 'I');
const SCRAM = message('R', [0, 0, 0, 10], 'SCRAM-SHA-256\0\0');

const passed = (guard: MessageGuard, ...messages: readonly Buffer[]): string =>
  Buffer.concat([...guard.inspect(Buffer.concat(messages))]).toString('latin1');

function asking(): { readonly guard: MessageGuard; readonly rows: Row[] } {
  const guard = new MessageGuard();
  passed(guard, OK, READY);
  const rows: Row[] = [];
  guard.ask((row) => rows.push(row));
  return { guard, rows };
}

describe('messages of a server', () => {
  it('are withheld when they are rows, which keep their bytes, and when they are nobody’s answer', () => {
    const { guard, rows } = asking();
    const row = message('D', [0, 3, 0, 0, 0, 4, 0, 0, 0, 200, 255, 255, 255, 255, 0, 0, 0, 0]);
    const complete = message('C', 'SELECT 1\0');
    const noise = [message('N', 'SNOTICE\0\0'), message('A', [0]), message('S', 'a\0b\0')];
    expect(passed(guard, ...noise, row, complete, READY)).toBe(Buffer.concat([complete, READY]).toString('latin1'));
    expect(rows).toEqual([[Buffer.from([0, 0, 0, 200]), undefined, Buffer.alloc(0)]]);
  });

  it('reach the client before the rows that come behind them', () => {
    const { guard } = asking();
    const order: string[] = [];
    guard.ask(() => order.push('row'));
    const description = message('T', [0, 0]);
    for (const piece of guard.inspect(Buffer.concat([description, message('D', [0, 0]), READY]))) {
      order.push(piece.subarray(0, 1).toString());
    }
    expect(order).toEqual(['T', 'row', 'Z']);
  });

  it('are errors with all their fields', () => {
    const { guard } = asking();
    passed(guard, message('E', 'SFEHLER\0VERROR\0C42P01\0Mno\0\0'), READY);
    expect(guard.error?.fields).toEqual({ S: 'FEHLER', V: 'ERROR', C: '42P01', M: 'no' });
  });

  it.each<[what: string, guard: () => MessageGuard, bytes: Buffer, text: string]>([
    // The client would look for its end for ever.
    ['an error without an end', () => asking().guard, message('E', 'SA'), 'without an end'],
    ['an error of half a field', () => asking().guard, message('E', 'SA\0'), 'ends too early'],
    ['a row that is too short', () => asking().guard, message('D', [0, 1]), 'ends too early'],
    ['what is long before the log-in', () => new MessageGuard(), Buffer.from('R\u0000\u0001\u0000\u0005'), '65541'],
    ['an unknown type', () => asking().guard, message('w'), 'unexpected message'],
    ['being ready in an unknown state', () => asking().guard, message('Z', 'X'), 'ready'],
    ['being logged in without the proof', () => new MessageGuard(), Buffer.concat([SCRAM, OK]), 'without its proof'],
    ['half of SCRAM', () => new MessageGuard(), message('R', [0, 0, 0, 12], 'v=x'), 'not begun'],
  ])('are refused: %s', (_, guard, bytes, text) => {
    const refuse = (): string => passed(guard(), bytes);
    expect(refuse).toThrow(text);
    expect(refuse).toThrow(ProtocolError);
  });

  it.each([2, 6, 7, 9])('are refused: authentication %i, and SASL without SCRAM', (number) => {
    expect(() => passed(new MessageGuard(), message('R', [0, 0, 0, number]))).toThrow(LoginError);
    expect(() => passed(new MessageGuard(), message('R', [0, 0, 0, 10], 'OAUTHBEARER\0\0'))).toThrow(LoginError);
  });

  it('are messages or an error of ours, whatever the bytes', () => {
    const type = fc.constantFrom(...'RKEZNASD123tnITCcHGsdw');
    const bodies = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(type, bodies)), fc.boolean(), (messages, inQuery) => {
        const guard = inQuery ? asking().guard : new MessageGuard();
        const bytes = Buffer.concat(messages.map(([letter, body]) => message(letter, [...body])));
        expect(thrownBy(() => passed(guard, bytes))).toSatisfy(
          (error) => error === undefined || error instanceof ProtocolError || error instanceof LoginError,
        );
      }),
    );
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: most bytes are no messages
    return error;
  }
}
