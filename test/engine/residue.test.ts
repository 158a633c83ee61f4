// No request sees another: random guests and random requests (machine/property.ts).
import { describe, expect, it } from 'vitest';
import { modesHere } from './engines.ts';
import { assertNoResidue } from './machine/property.ts';

/** Seconds in all; the long suite has more. */
const GUESTS = 40;

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it('random guests answer random requests as in new instances', async () => {
    const resets = await assertNoResidue(mode, GUESTS);
    // Each guest is asked several times: an engine that never resets has proved nothing.
    expect(resets > GUESTS).toBe(mode !== 'fresh');
  });
});
