// Tries each mechanism on a memory of its own, in an order in which nothing can crash: what is closed is touched only
// once it is certain that V8's trap handler covers it. Each test throws what does not hold.
import type { Libc } from '../../ffi/index.ts';
import { forcesBoundsChecks, hasGuardRegion } from './guard-region.ts';
import type { Pagemap } from './pagemap.ts';
import { probe, type Probe } from './probe.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import type { MemoryResetter, ResettableMemory } from './types.ts';

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

/** Content, growth, release, and the trap behind a memory that has shrunk; after `checkAddresses`. */
export function checkReset(resetter: MemoryResetter): void {
  using subject = attach(resetter);
  checkRounds(subject);
}

/**
 * Which pages are found, then all of `checkReset`; after `checkAddresses`. False when the thread's count of page faults
 * does not tell of every page that becomes private, so that a resetter must not go by it.
 */
export function checkPagemap(libc: Libc, pagemap: Pagemap, resetter: MemoryResetter): boolean {
  using subject = attach(resetter);
  const { memory, guest } = subject;
  const region = new MemoryRegion(libc, memory);
  const pageOf = (address: number): number => Math.floor(address / region.pageSize);
  const find = (): string => pagemap.privatePages(region.firstPage, region.size / region.pageSize, SIZE).join();
  ensure(find() === '', 'the page map shows changes where there are none');
  // Maps the image's page, and does not make it private.
  guest.read(WASM_PAGE_BYTES);
  ensure(find() === '', 'the page map takes what was read for a change');
  const written = new Set<number>();
  let counted = true;
  for (const address of WRITTEN) {
    const before = libc.threadFaults();
    guest.write(address, 255);
    const after = libc.threadFaults();
    counted &&= written.has(pageOf(address)) || (before !== undefined && after !== undefined && after > before);
    written.add(pageOf(address));
  }
  ensure(find() === [...written].join(), 'the page map does not show what was changed');
  if (counted) {
    checkRounds(subject);
  }
  return counted;
}

interface Subject extends Disposable {
  readonly memory: WebAssembly.Memory;
  readonly guest: Probe;
  readonly resettable: ResettableMemory;
}

function attach(resetter: MemoryResetter): Subject {
  const memory = testMemory();
  const guest = probe(memory);
  // Compiled before anything is counted or looked for.
  guest.read(0);
  guest.write(0, 0);
  const image = resetter.capture(memory);
  const resettable = resetter.attach(memory, image);
  return { memory, guest, resettable, [Symbol.dispose]: () => image.dispose() };
}

function checkRounds({ memory, guest, resettable }: Subject): void {
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
  resettable.release();
  checkContent(guest);
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
