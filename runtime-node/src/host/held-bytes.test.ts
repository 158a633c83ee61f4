import { describe, expect, it } from 'vitest';
import { LimitExceeded } from '../limits/index.ts';
import { BodyPipe } from './http/types/body-pipe.ts';
import { Fields } from './http/types/fields.ts';
import type { OutgoingBody } from './http/types/outgoing-body.ts';
import { OutgoingResponse } from './http/types/outgoing-response.ts';
import { HeldBytes, MAX_HELD_BYTES } from './held-bytes.ts';
import { RecordingSink } from './http/testing/recording-response.ts';

const MEGABYTE = 1_048_576;

function untilFull(act: () => void): { readonly times: number; readonly error: unknown } {
  for (let times = 0; ; times += 1) {
    try {
      act();
    } catch (error) {
      // expected: what this is for
      return { times, error };
    }
  }
}

const longList = (): [string, Uint8Array][] =>
  Array.from({ length: 100 }, (_, index) => [`x-${index}`, Buffer.alloc(1000, 'v')]);

describe('what the host holds for one instance', () => {
  it('is a bounded number of bytes of bodies that wait, whatever the number of bodies', () => {
    const held = new HeldBytes();
    const bodies: OutgoingBody[] = [];
    const { times, error } = untilFull(() => {
      const body = new OutgoingResponse(new Fields()).body(() => held);
      expect(body.tag).toBe('ok');
      bodies.push(body.val as OutgoingBody);
      bodies.at(-1)?.pipe.write(new Uint8Array(MEGABYTE));
      bodies.at(-1)?.pipe.write(new Uint8Array(MEGABYTE));
    });
    expect(error).toBeInstanceOf(LimitExceeded);
    expect(times).toBe(MAX_HELD_BYTES / (2 * MEGABYTE));
    bodies.forEach(({ pipe }) => pipe.disconnect());
    expect(held.bytes).toBe(0);
  });

  it('counts no body that goes out at once, and forgets one that goes out later', () => {
    const held = new HeldBytes();
    const pipe = new BodyPipe(
      undefined,
      () => ({ tag: 'HTTP-protocol-error' }),
      () => held,
    );
    pipe.write(new Uint8Array(MEGABYTE));
    expect(held.bytes).toBe(MEGABYTE);
    pipe.attach(new RecordingSink());
    expect(held.bytes).toBe(0);
    pipe.write(new Uint8Array(MEGABYTE));
    expect(held.bytes).toBe(0);
  });

  it('is a bounded number of bytes of header lists, copies included', () => {
    const held = new HeldBytes();
    const lists: Fields[] = [];
    const { error } = untilFull(() => {
      const made = Fields.fromList(longList(), () => held);
      if (made.tag === 'ok') {
        lists.push(
          made.val,
          made.val.clone(() => held),
        );
      }
    });
    expect(error).toBeInstanceOf(LimitExceeded);
    expect(held.bytes).toBeGreaterThan(MAX_HELD_BYTES - 2 * 131_072);
    lists.forEach((list) => list[Symbol.dispose]());
    // The one whose copy was refused was lost with its guest.
    expect(held.bytes).toBeLessThan(131_072);
  });

  it('keeps those of a message until that is gone, whoever drops a handle to them', () => {
    const held = new HeldBytes();
    const made = Fields.fromList(longList(), () => held);
    const fields = made.val as Fields;
    const counted = held.bytes;
    const response = new OutgoingResponse(fields);
    response.headers()[Symbol.dispose]();
    expect(held.bytes).toBe(counted);
    response[Symbol.dispose]();
    expect(held.bytes).toBe(0);
  });
});
