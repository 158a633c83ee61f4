import { describe, expect, it } from 'vitest';
import { loadLibc } from '../../ffi/index.ts';
import { chooseResetter } from './choose.ts';
import { openPagemap, Pagemap } from './pagemap.ts';
import { WASM_PAGE_BYTES } from './region.ts';
import { pagemapResetter } from './resetters.ts';
import { contentOf, TestGuest } from './testing/guest.ts';

const CONTENT = contentOf(32);
const PAGE = 4096;

/** Guests whose looks at the page map are counted, with a count of page faults that the test sets. */
function counting() {
  const real = openPagemap();
  const state = { looks: 0, faults: 1 };
  class CountingPagemap extends Pagemap {
    override privatePages(first: number, count: number, limit: number): number[] {
      state.looks++;
      return real.privatePages(first, count, limit);
    }
  }
  const pagemap = new CountingPagemap(() => 0);
  return { state, resetter: pagemapResetter(loadLibc(), pagemap, () => state.faults, undefined) };
}

const isFirst = (guest: TestGuest): boolean => Buffer.compare(guest.view, CONTENT) === 0;

describe.skipIf(process.platform !== 'linux')('the page map', () => {
  it('is not read while the thread has no page faults, and what is known to be written is put back', () => {
    const { state, resetter } = counting();
    const guest = new TestGuest(resetter, CONTENT);
    state.looks = 0;
    for (let round = 0; round < 50; round++) {
      guest.view.fill(round + 1, 3 * PAGE, 7 * PAGE);
      expect(guest.reset()).toBe(true);
      expect(isFirst(guest)).toBe(true);
    }
    expect(state.looks).toBe(1);
  });

  it('is read after every page fault, of whatever guest', () => {
    const { state, resetter } = counting();
    const guest = new TestGuest(resetter, CONTENT);
    const other = new TestGuest(resetter, CONTENT, guest.image);
    guest.reset();
    for (let page = 0; page < 10; page++) {
      // The faults of both are one count; the other one is put back first and must not use up what it says.
      guest.view.fill(1, page * PAGE, (page + 1) * PAGE);
      other.view.fill(1, page * PAGE, (page + 1) * PAGE);
      state.faults++;
      for (const one of [other, guest]) {
        expect(one.reset()).toBe(true);
        expect(isFirst(one)).toBe(true);
      }
    }
  });

  it('is read after the memory has grown, even without a page fault', () => {
    const { state, resetter } = counting();
    const guest = new TestGuest(resetter, CONTENT);
    guest.reset();
    guest.grow(1);
    guest.view.fill(1);
    expect(guest.reset()).toBe(true);
    expect(isFirst(guest)).toBe(true);
    expect(state.looks).toBeGreaterThanOrEqual(2);
    guest.grow(1);
    expect(guest.view.subarray(CONTENT.length).every((byte) => byte === 0)).toBe(true);
  });

  it('shows pages behind the guest that earlier ones have written, so that they are zero for the next', () => {
    const { state, resetter } = counting();
    const guest = new TestGuest(resetter, CONTENT);
    const growAndWrite = (): void => {
      guest.grow(2);
      expect(guest.view.subarray(CONTENT.length).every((byte) => byte === 0)).toBe(true);
      guest.view.fill(9, CONTENT.length);
    };
    growAndWrite();
    state.faults++;
    guest.reset();
    // One that does not grow, but has a page fault: the page map is read anew.
    guest.view[0] = 1;
    state.faults++;
    guest.reset();
    // Now the pages are written without a fault.
    growAndWrite();
    guest.reset();
    growAndWrite();
  });
});

describe.skipIf(process.platform !== 'linux')('a guest that once has written a lot', () => {
  it('is small again some calls later', () => {
    const content = new Uint8Array(64 * WASM_PAGE_BYTES);
    const guest = new TestGuest(chooseResetter('pagemap'), content);
    guest.view.fill(1, 0, 3 * 1024 * 1024);
    guest.reset();
    expect(guest.resettable.privateBytes).toBeGreaterThanOrEqual(3 * 1024 * 1024);
    for (let call = 0; call < 100; call++) {
      guest.view.fill(1, 0, 10 * PAGE);
      expect(guest.reset()).toBe(true);
    }
    // Up to the size of pages, and what was read by chance.
    expect(guest.resettable.privateBytes).toBeLessThan(2 * 10 * WASM_PAGE_BYTES);
    expect(Buffer.compare(guest.view, content)).toBe(0);
  });
});
