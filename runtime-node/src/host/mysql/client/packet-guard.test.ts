// What a MySQL server may send to the client, and what ends the connection before the client has seen it.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import { ProtocolError, ResultTooLarge } from '../../driver-socket/failures.ts';
import { PacketGuard } from './packet-guard.ts';

const MAX_PART = 0xff_ff_ff;

/** In parts, the first with this number. */
function packet(sequence: number, body: Buffer | readonly number[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, number = sequence; ; at += MAX_PART, number += 1) {
    const part = Buffer.from(body as Buffer).subarray(at, at + MAX_PART);
    const header = Buffer.alloc(4);
    header.writeUIntLE(part.length, 0, 3);
    header.writeUInt8(number % 256, 3);
    parts.push(header, part);
    if (part.length < MAX_PART) {
      return Buffer.concat(parts);
    }
  }
}

/** In the order of their numbers. */
const packets = (bodies: readonly (Buffer | readonly number[])[], first = 1): Buffer =>
  Buffer.concat(bodies.map((body, i) => packet((first + i) % 256, body)));

const receive = (guard: PacketGuard, bytes: Buffer): Buffer => Buffer.concat([...guard.inspect(bytes)]);

function loggedIn(): PacketGuard {
  const guard = new PacketGuard();
  receive(guard, packet(0, [10, 56, 0]));
  guard.sending(packet(1, [1, 2, 3]));
  receive(guard, packet(2, [0, 0, 0, 2, 0, 0, 0]));
  return guard;
}

/** A statement is running. */
function executing(): PacketGuard {
  const guard = loggedIn();
  guard.sending(packet(0, [0x17, 1, 0, 0, 0]));
  return guard;
}

const EOF = [0xfe, 0, 0, 2, 0];
const DEFINITION = Buffer.alloc(30, 3);

describe('packets of a server', () => {
  it('reach the client as they came, however the bytes are cut', () => {
    const rows = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, cuts, (bodies, sizes) => {
        const guard = executing();
        const found = bodies.map((body) => Buffer.from([0, ...body]));
        const bytes = packets([[1], DEFINITION, EOF, ...found, EOF]);
        const passed: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const size = sizes[i % sizes.length] ?? 1;
          passed.push(receive(guard, bytes.subarray(at, at + size)));
          expect(guard.quiet).toBe(at + size >= bytes.length || guard.quiet);
          at += size;
        }
        expect(Buffer.concat(passed).equals(bytes)).toBe(true);
        expect(guard.quiet).toBe(true);
      }),
    );
  });

  it('are packets or a protocol error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, inQuery) => {
        const guard = inQuery ? executing() : new PacketGuard();
        expect(thrownBy(() => receive(guard, Buffer.from(bytes)))).toSatisfy(
          (error) => error === undefined || error instanceof ProtocolError || error instanceof ResultTooLarge,
        );
      }),
    );
  });

  it('of 16 MiB and more come in parts, which are one row', () => {
    const guard = executing();
    receive(guard, packets([[1], DEFINITION, EOF]));
    receive(guard, packet(4, Buffer.alloc(2 * MAX_PART, 1)));
    expect(guard.quiet).toBe(true);
    expect(() => receive(guard, packet(6, EOF))).toThrow('packets out of order');
  });

  it.each([
    ['a greeting of an older server', () => new PacketGuard(), packet(0, [9, 51, 0]), 'no greeting'],
    ['packets out of order', loggedIn, packet(5, [1]), 'packets out of order'],
    ['the wish for a file', executing, packet(1, [0xfb, 47]), 'asks for a file'],
    [
      'a definition that is announced too long',
      executing,
      Buffer.concat([packets([[1], DEFINITION]), Buffer.from([255, 255, 255, 3])]),
      'without an end',
    ],
    [
      'definitions without an end',
      executing,
      packets([[200], ...Array.from({ length: 200 }, () => Buffer.alloc(100_000, 3))]),
      'without an end',
    ],
  ])('are refused: %s', (_, guard, bytes, text) => {
    expect(() => receive(guard(), bytes)).toThrow(text);
  });
});

describe('the rows of one answer', () => {
  const row = Array.from({ length: 1000 }, () => Buffer.alloc(1_000_000));

  function receiveRows(guard: PacketGuard): void {
    receive(guard, packets([[1], DEFINITION, EOF]));
    for (const [i, body] of row.entries()) {
      receive(guard, packet((4 + i) % 256, body));
    }
  }

  it('are refused when they are too large together', () => {
    expect(() => receiveRows(executing())).toThrow(ResultTooLarge);
  });

  it('may be as many as there are when nobody keeps them', () => {
    const guard = executing();
    guard.keepsRows = false;
    receiveRows(guard);
    expect(guard.quiet).toBe(true);
  });

  it('count by their values too: a bit each when there is nothing', () => {
    const guard = executing();
    const columns = 4000;
    receive(guard, packets([[0xfc, 0xa0, 0x0f], ...Array.from({ length: columns }, () => DEFINITION), EOF]));
    const nulls = Buffer.alloc(501, 0xff);
    nulls[0] = 0;
    const most = Math.ceil(MAX_RESULT_BYTES / (columns * 32));
    const receiveAll = (): void => {
      for (let i = 0; i < most; i++) {
        receive(guard, packet((columns + 3 + i) % 256, nulls));
      }
    };
    expect(receiveAll).toThrow(ResultTooLarge);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: most bytes are no packets
    return error;
  }
}
