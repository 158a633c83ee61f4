// Tries each mechanism on a memory of its own, in an order in which nothing can crash: what is closed is touched only
// once it is certain that V8's trap handler covers it. Each test throws what does not hold.
import type { Libc } from '../../ffi/index.ts';
import { forcesBoundsChecks, hasGuardRegion } from './guard-region.ts';
import type { Pagemap } from './pagemap.ts';
import { probe, type Probe } from './probe.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import type { MemoryResetter } from './types.ts';

export interface ProcessFacts {
  readonly execArgv: readonly string[];
  /** The text of /proc/self/maps now. */
  maps(): string;
}

const INITIAL = 2;
/** Small, so that addresses behind it are reserved only if V8 relies on them. */
const MAXIMUM = 4;
const SIZE = INITIAL * WASM_PAGE_BYTES;

/** Bytes of the test's image: in one page, and across the whole of another. */
const CONTENT = [
  { start: 100, end: 101 },
  { start: WASM_PAGE_BYTES, end: 2 * WASM_PAGE_BYTES },
] as const;

/** Addresses that the test writes to: with content and without, and the last byte. */
const WRITTEN = [100, 40_000, WASM_PAGE_BYTES + 5, SIZE - 1] as const;

export function checkAddresses(libc: Libc, { execArgv, maps }: ProcessFacts): void {
  const { pageSize } = libc;
  ensure(
    Number.isInteger(Math.log2(pageSize)) && WASM_PAGE_BYTES % pageSize === 0,
    `pages of the system have ${pageSize} bytes`,
  );
  ensure(!forcesBoundsChecks(execArgv), 'a flag of V8 replaces guard regions by checks');
  const { buffer } = testMemory();
  ensure(
    hasGuardRegion(maps(), libc.addressOf(buffer), buffer.byteLength),
    'memories have no guard region behind them',
  );
}

/** Content, growth, and the trap behind a memory that has shrunk; after `checkAddresses`. */
export function checkReset(resetter: MemoryResetter): void {
  const memory = testMemory();
  const guest = probe(memory);
  const image = resetter.capture(memory);
  try {
    const resettable = resetter.attach(memory, image);
    // The second time, what was found the first time is used; the third time nothing was written.
    for (const written of [WRITTEN, WRITTEN, []]) {
      for (const address of written) {
        guest.write(address, 255);
        ensure(guest.read(address) === 255, 'what is written cannot be read');
      }
      ensure(resettable.reset(), 'a memory cannot be put back');
      checkContent(guest);
    }
    for (const pages of [INITIAL + 1, INITIAL + 2, INITIAL + 1]) {
      memory.grow(Math.max(0, pages - memory.buffer.byteLength / WASM_PAGE_BYTES));
      resettable.grown(pages);
      const last = pages * WASM_PAGE_BYTES - 1;
      ensure(guest.read(last) === 0 && guest.read(SIZE) === 0, 'grown memory is not zero');
      guest.write(last, 1);
      guest.write(SIZE, 1);
      ensure(resettable.reset(), 'a memory that has grown cannot be put back');
      ensure(guest.traps(SIZE) && guest.traps(last), 'memory given back can still be read');
      checkContent(guest);
    }
  } finally {
    image.dispose();
  }
}

/** Which pages are found; `resetter` puts back by mapping. */
export function checkPagemap(libc: Libc, pagemap: Pagemap, resetter: MemoryResetter): void {
  const { memory, region, guest, end } = mappedTest(libc, resetter);
  try {
    const find = (): string => pagemap.privatePages(region.firstPage, region.size / region.pageSize, SIZE).join();
    ensure(find() === '', 'the page map shows changes where there are none');
    // Reading maps the image's pages, and does not make them private.
    guest.read(100);
    guest.read(WASM_PAGE_BYTES);
    ensure(find() === '', 'the page map takes what was read for a change');
    for (const address of WRITTEN) {
      guest.write(address, 255);
    }
    const expected = new Set(WRITTEN.map((address) => Math.floor(address / region.pageSize)));
    ensure(find() === [...expected].join(), 'the page map does not show what was changed');
    ensure(memory.buffer.byteLength === SIZE, 'the test memory has changed its size');
  } finally {
    end();
  }
}

/** Whether the thread's count of page faults tells of every page that becomes private. */
export function countsFaults(libc: Libc, resetter: MemoryResetter): boolean {
  const { guest, end } = mappedTest(libc, resetter);
  try {
    // Each in a page of its own also where those have 64 KiB: with content that has been mapped by a read, and with
    // content that has not.
    const counts = [libc.threadFaults()];
    guest.read(100);
    counts.push(libc.threadFaults());
    for (const address of [100, WASM_PAGE_BYTES]) {
      guest.write(address, 255);
      counts.push(libc.threadFaults());
    }
    return counts.slice(1).every((count, index) => count !== undefined && count > (counts[index] ?? count));
  } finally {
    end();
  }
}

function mappedTest(libc: Libc, resetter: MemoryResetter) {
  const memory = testMemory();
  const guest = probe(memory);
  // Compiled before anything is counted or looked for.
  guest.read(0);
  guest.write(0, 0);
  const image = resetter.capture(memory);
  resetter.attach(memory, image);
  return { memory, guest, region: new MemoryRegion(libc, memory), end: () => image.dispose() };
}

function testMemory(): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: INITIAL, maximum: MAXIMUM });
  const bytes = new Uint8Array(memory.buffer);
  for (const { start, end } of CONTENT) {
    bytes.fill(7, start, end);
  }
  return memory;
}

const hasContent = (address: number): boolean => CONTENT.some(({ start, end }) => address >= start && address < end);

function checkContent(guest: Probe): void {
  for (const address of WRITTEN) {
    ensure(guest.read(address) === (hasContent(address) ? 7 : 0), 'a memory that was put back differs');
  }
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Error(otherwise);
  }
}
