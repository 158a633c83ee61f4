import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_OUTPUT_BYTES, Outbox, partsOf, type OutputBatch } from './outbox.ts';

/** An outbox with a supervisor that takes when it is told to, and an event loop that turns when it is told to. */
function setUp() {
  const batches: OutputBatch[] = [];
  const due: (() => void)[] = [];
  let taken = 0;
  const outbox = new Outbox({
    send: (batch) => batches.push(batch),
    taken: () => taken,
    soon: (then) => due.push(then),
    later: (then) => due.push(then),
  });
  return {
    outbox,
    batches,
    take: () => {
      taken = batches.reduce((sum, { cost }) => sum + cost, 0);
    },
    turn: () => due.splice(0).forEach((then) => then()),
    /** Each part as a line. */
    lines: () =>
      batches
        .flatMap((batch) => [...partsOf(batch)])
        .map(([source, bytes]) => {
          const from = source.kind === 'guest' ? `${source.component} ${source.stream}` : source.kind;
          return `${from}: ${source.kind === 'error' ? `${source.message}: ` : ''}${Buffer.from(bytes).toString()}`;
        }),
  };
}

const MEGABYTE = new Uint8Array(1024 * 1024);

describe('an outbox', () => {
  it('sends what came in one turn together, in order, each piece by its source', () => {
    const { outbox, batches, turn, lines } = setUp();
    outbox.guest('a', 'stdout', Buffer.from('on'));
    outbox.guest('a', 'stdout', Buffer.from('e'));
    outbox.guest('a', 'stderr', Buffer.from('two'));
    outbox.error('Failed', new Error('three'));
    outbox.guest('b', 'stderr', Buffer.from('four'));
    outbox.note('five');
    expect(batches).toEqual([]);
    turn();
    expect(batches).toHaveLength(1);
    expect(lines()).toEqual(['a stdout: one', 'a stderr: two', 'error: Failed: three', 'b stderr: four', 'note: five']);
  });

  it('copies no more than what was printed, however large the buffer is of which that is a part', () => {
    const { outbox, batches, turn } = setUp();
    outbox.guest('a', 'stdout', MEGABYTE.subarray(10, 13));
    turn();
    expect(batches[0]?.bytes.buffer.byteLength).toBe(3);
  });

  it('does not wait for the turn with much output', () => {
    const { outbox, batches } = setUp();
    outbox.guest('a', 'stdout', MEGABYTE);
    expect(batches).toHaveLength(1);
  });

  it('drops what nobody takes, says how much in its place, and goes on', () => {
    const { outbox, turn, take, lines } = setUp();
    for (let count = 0; count < 10; count += 1) {
      outbox.guest('a', 'stdout', MEGABYTE);
    }
    outbox.guest('a', 'stdout', Buffer.from('lost too'));
    turn();
    take();
    turn();
    outbox.guest('a', 'stdout', Buffer.from('after'));
    turn();
    // The fourth does not fit, for what each costs besides its text.
    expect(lines().slice(-2)).toEqual([
      `note: ${7 * MEGABYTE.length + 8} bytes of output dropped: the log takes it too slowly`,
      'a stdout: after',
    ]);
    expect(lines()).toHaveLength(5);
  });

  it('keeps what is printed once there is room again, whether or not it has looked since', () => {
    const { outbox, turn, take, lines } = setUp();
    for (let count = 0; count < 5; count += 1) {
      outbox.guest('a', 'stdout', MEGABYTE);
    }
    take();
    outbox.guest('a', 'stdout', Buffer.from('after'));
    turn();
    expect(lines().slice(-2)).toEqual([
      `note: ${2 * MEGABYTE.length} bytes of output dropped: the log takes it too slowly`,
      'a stdout: after',
    ]);
  });

  it('loses nothing uncounted and keeps no more than it may, whatever is printed and taken when', () => {
    const step = fc.oneof(
      fc.integer({ min: 0, max: 3_000_000 }).map((bytes) => ({ bytes })),
      fc.constantFrom('turn' as const, 'take' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { outbox, batches, turn, take, lines } = setUp();
        let printed = 0;
        let takenBatches = 0;
        for (const one of steps) {
          if (one === 'turn') {
            turn();
          } else if (one === 'take') {
            take();
            takenBatches = batches.length;
          } else {
            printed += one.bytes;
            outbox.guest('a', 'stdout', MEGABYTE.subarray(0, one.bytes % MEGABYTE.length));
            printed -= one.bytes - (one.bytes % MEGABYTE.length);
          }
          const inFlight = batches.slice(takenBatches).reduce((sum, { cost }) => sum + cost, 0);
          expect(inFlight).toBeLessThanOrEqual(MAX_OUTPUT_BYTES);
        }
        for (let round = 0; round < 4; round += 1) {
          take();
          turn();
        }
        const dropped = lines()
          .flatMap((line) => /^note: (\d+) bytes of output dropped/.exec(line)?.[1] ?? [])
          .reduce((sum, bytes) => sum + Number(bytes), 0);
        const sent = batches
          .flatMap(({ parts }) => parts)
          .reduce((sum, { source, bytes }) => sum + (source.kind === 'guest' ? bytes : 0), 0);
        expect(sent + dropped).toBe(printed);
      }),
    );
  });
});
