import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadLibc } from '../../ffi/index.ts';
import { chooseResetter } from './choose.ts';
import { openPagemap } from './pagemap.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import { pagemapResetter } from './resetters.ts';
import { contentOf, TestGuest } from './testing/guest.ts';
import { largePagesResetter } from './testing/large-pages.ts';
import type { MemoryResetter } from './types.ts';

const PAGES = 3;
const CONTENT = contentOf(PAGES);
const MEGABYTE = 1024 * 1024;

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('only on Linux');
  }
  return value;
}

const onLinux = process.platform === 'linux';
const libc = onLinux ? loadLibc() : undefined;
const pagemap = onLinux ? openPagemap() : undefined;

const uncounted = (): MemoryResetter =>
  pagemapResetter(present(libc), present(pagemap), () => undefined, 'page faults are not counted');

const largePages = (pageSize: number): MemoryResetter => largePagesResetter(present(libc), pageSize);

const MAPPING = onLinux
  ? [
      { name: 'pagemap', resetter: chooseResetter('pagemap') },
      { name: 'pagemap without counted faults', resetter: uncounted() },
      { name: 'pagemap with pages of 16 KiB', resetter: largePages(16_384) },
      { name: 'pagemap with pages of 64 KiB', resetter: largePages(65_536) },
      { name: 'madvise', resetter: chooseResetter('madvise') },
    ]
  : [];
const PUTTING_BACK = [...MAPPING, { name: 'copy', resetter: chooseResetter('copy') }];

/** Pages of the system that are private to this memory, from the page map. */
function privatePages({ memory }: TestGuest): number {
  const region = new MemoryRegion(present(libc), memory);
  const count = region.size / region.pageSize;
  return present(pagemap).privatePages(region.firstPage, count, count).length;
}

function expectFirstState(guest: TestGuest, content = CONTENT): void {
  expect(guest.size * WASM_PAGE_BYTES).toBe(content.length);
  // Not toEqual: it takes a second per megabyte.
  expect(Buffer.compare(guest.view, content)).toBe(0);
  const real = guest.memory.buffer.byteLength;
  for (const address of [content.length, real - 1, real]) {
    expect(address < content.length || guest.probe.traps(address)).toBe(true);
  }
}

function expectReset(guest: TestGuest): void {
  expect(guest.reset()).toBe(true);
  expectFirstState(guest);
}

const expectZero = (bytes: Uint8Array): void => expect(bytes.every((byte) => byte === 0)).toBe(true);

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe.each(PUTTING_BACK)('putting back by $name', ({ name, resetter }) => {
  const putsBackSize = name !== 'copy';

  it('gives back every byte after every page was written, again and again', () => {
    const guest = new TestGuest(resetter, CONTENT);
    for (let round = 0; round < 100; round++) {
      guest.view.fill(round + 1);
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
  });

  it('gives back an unwritten memory', () => {
    const guest = new TestGuest(resetter, CONTENT);
    expect(guest.reset()).toBe(true);
    expectFirstState(guest);
  });

  it('gives back what the kernel has written into the memory', () => {
    const guest = new TestGuest(resetter, CONTENT);
    const fd = openSync(process.execPath, 'r');
    for (const at of [0, 100_000, 50_000, CONTENT.length - 5000]) {
      readSync(fd, guest.view, at, 5000, 4096);
      expect(Buffer.compare(guest.view, CONTENT)).not.toBe(0);
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
    closeSync(fd);
  });

  it('keeps memories with the same image apart', () => {
    const first = new TestGuest(resetter, CONTENT);
    const others = Array.from({ length: 20 }, () => new TestGuest(resetter, CONTENT, first.image));
    const guests = [first, ...others];
    for (const [index, guest] of guests.entries()) {
      guest.view.fill(index + 1);
    }
    for (const [index, guest] of guests.entries()) {
      expect(guest.view.every((byte) => byte === index + 1)).toBe(true);
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
  });

  it('goes on after the image has been disposed of, which then takes no memory any more', () => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.image.dispose();
    guest.image.dispose();
    guest.view.fill(9);
    expect(guest.reset()).toBe(true);
    expectFirstState(guest);
  });

  it('finds the same content after a release', () => {
    const guest = new TestGuest(resetter, CONTENT);
    for (let round = 0; round < 3; round++) {
      guest.view.fill(7);
      expect(guest.reset()).toBe(true);
      guest.resettable.release();
      expectFirstState(guest);
      guest.resettable.release();
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
  });

  it('takes a memory without pages, and one of zeroes', () => {
    for (const content of [new Uint8Array(0), new Uint8Array(2 * WASM_PAGE_BYTES)]) {
      const guest = new TestGuest(resetter, content);
      expect(guest.image.bytes).toBe(0);
      guest.view.fill(3);
      expect(guest.reset()).toBe(true);
      expectFirstState(guest, content);
      guest.grow(2);
      guest.view.fill(4);
      expect(guest.reset()).toBe(putsBackSize);
      if (putsBackSize) {
        expectFirstState(guest, content);
      }
    }
  });

  it('takes content in the last byte only, and far apart', () => {
    const content = new Uint8Array(64 * WASM_PAGE_BYTES);
    content[0] = 1;
    content[3 * MEGABYTE] = 2;
    content[content.length - 1] = 3;
    const guest = new TestGuest(resetter, content);
    expect(guest.image.pages).toBe(64);
    guest.view.fill(8);
    expect(guest.reset()).toBe(true);
    expectFirstState(guest, content);
  });

  it('refuses a memory of another size, one that is attached, and an image of another mode', () => {
    const { memory, image } = new TestGuest(resetter, CONTENT);
    expect(() => resetter.attach(new WebAssembly.Memory({ initial: PAGES + 1 }), image)).toThrow(RangeError);
    expect(() => resetter.attach(memory, image)).toThrow('attached already');
    const other = chooseResetter('fresh').capture(memory);
    expect(() => resetter.attach(new WebAssembly.Memory({ initial: PAGES }), other)).toThrow('another mode');
  });

  it('gives back random writes, growth and releases, in two guests that share an image', () => {
    const operation = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('write'), at: fc.nat(), length: fc.nat({ max: 9000 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('reset') }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('release') }) },
      ...(putsBackSize ? [{ weight: 1, arbitrary: fc.record({ kind: fc.constant('grow'), delta: fc.nat(4) }) }] : []),
    );
    const steps = fc.array(fc.tuple(fc.boolean(), operation), { maxLength: 60 });
    const guests = [new TestGuest(resetter, CONTENT)] as const;
    const both = [guests[0], new TestGuest(resetter, CONTENT, guests[0].image)] as const;
    fc.assert(
      fc.property(steps, (sequence) => {
        for (const [first, step] of sequence) {
          const guest = both[first ? 0 : 1];
          if ('at' in step) {
            const { view } = guest;
            view.fill(0xee, step.at % view.length, (step.at % view.length) + step.length);
          } else if ('delta' in step) {
            const before = guest.size * WASM_PAGE_BYTES;
            if (step.delta > 0 && guest.size + step.delta < 40) {
              guest.grow(step.delta);
            }
            expectZero(guest.view.subarray(before));
          } else {
            expectReset(guest);
            if (step.kind === 'release') {
              guest.resettable.release();
            }
          }
        }
        expect(both.map((guest) => guest.reset())).toEqual([true, true]);
        both.forEach((guest) => expectFirstState(guest));
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(MAPPING)('the size of a memory that is put back by $name', ({ resetter }) => {
  it('shrinks, and access beyond it traps until the guest grows again', () => {
    const guest = new TestGuest(resetter, CONTENT);
    for (const delta of [2, 5, 1, 3, 5, 6, 1]) {
      guest.grow(delta);
      expectZero(guest.view.subarray(CONTENT.length));
      guest.view.fill(0xff);
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
  });

  it('leaves closed what lies behind a guest that has grown less than one before', () => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.grow(6);
    guest.view.fill(1);
    guest.reset();
    guest.grow(2);
    expect(guest.probe.traps(guest.size * WASM_PAGE_BYTES)).toBe(true);
    guest.view.fill(2);
    expect(guest.probe.read(guest.size * WASM_PAGE_BYTES - 1)).toBe(2);
    guest.reset();
    guest.grow(6);
    expectZero(guest.view.subarray(CONTENT.length));
  });

  it('grows in several steps within one call', () => {
    const guest = new TestGuest(resetter, CONTENT);
    for (let round = 0; round < 3; round++) {
      for (let step = 1; step <= 4; step++) {
        guest.grow(step);
        guest.view.fill(step, -WASM_PAGE_BYTES);
      }
      expect(guest.reset()).toBe(true);
      expectFirstState(guest);
    }
  });

  it('is put back too when V8 grew the memory and nobody said so', () => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.memory.grow(3);
    new Uint8Array(guest.memory.buffer).fill(5);
    expect(guest.reset()).toBe(true);
    expectFirstState(guest);
  });

  it.each([-1, 0, PAGES - 1, PAGES + 3, 65_536, 2 ** 32, 1.5, NaN, Infinity])('cannot become %d pages', (pages) => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.memory.grow(2);
    expect(() => guest.resettable.grown(pages)).toThrow(RangeError);
    expect(guest.reset()).toBe(true);
    expectFirstState(guest);
  });

  it('of 100 MB shrinks back, and what was written there is given to the kernel', () => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.grow(1600);
    guest.view.fill(1);
    expect(privatePages(guest) * 4096).toBeGreaterThanOrEqual(100 * MEGABYTE);
    expect(guest.reset()).toBe(true);
    expect(privatePages(guest)).toBe(0);
    expect(guest.resettable.privateBytes).toBe(0);
    expectFirstState(guest);
  });

  it('leaves nothing private after a release', () => {
    const guest = new TestGuest(resetter, CONTENT);
    guest.grow(2);
    guest.view.fill(1);
    guest.reset();
    guest.resettable.release();
    expect(privatePages(guest)).toBe(0);
    expect(guest.resettable.privateBytes).toBe(0);
  });
});

describe.skipIf(!onLinux)('images and memories', () => {
  it.each(MAPPING)('take no descriptor once they are disposed of, by $name', ({ resetter }) => {
    const before = descriptors();
    for (let count = 0; count < 1000; count++) {
      const guest = new TestGuest(resetter, CONTENT);
      guest.image.dispose();
    }
    expect(descriptors()).toBe(before);
  });

  it('take one descriptor per image, whatever the number of memories', () => {
    const resetter = chooseResetter('madvise');
    const before = descriptors();
    const { image } = new TestGuest(resetter, CONTENT);
    for (let count = 0; count < 500; count++) {
      expect(new TestGuest(resetter, CONTENT, image).reset()).toBe(true);
    }
    expect(descriptors()).toBe(before + 1);
    image.dispose();
    expect(descriptors()).toBe(before);
  });
});

describe('a memory that gets a new instance each time', () => {
  it('cannot be put back', () => {
    const guest = new TestGuest(chooseResetter('fresh'), CONTENT);
    guest.grow(1);
    expect(guest.reset()).toBe(false);
    guest.resettable.release();
    expect(guest.image.pages).toBe(PAGES);
  });

  it('is what remains for one that is too large to be copied', () => {
    const guest = new TestGuest(chooseResetter('copy'), new Uint8Array(33 * MEGABYTE));
    expect(guest.image.bytes).toBe(0);
    expect(guest.reset()).toBe(false);
  });
});
