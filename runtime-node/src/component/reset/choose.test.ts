import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLibc, type Libc } from '../../ffi/index.ts';
import { chooseResetter, type System } from './choose.ts';
import { openPagemap, Pagemap } from './pagemap.ts';
import { contentOf, TestGuest } from './testing/guest.ts';
import { RESET_MODES } from './types.ts';

const onLinux = process.platform === 'linux';

const system: System = {
  execArgv: [],
  maps: () => readFileSync('/proc/self/maps', 'utf8'),
  loadLibc,
  openPagemap,
};

/** The system, with some calls of the C library answering otherwise. */
const withLibc = (change: (libc: Libc) => Partial<Libc>): System => ({
  ...system,
  loadLibc: () => {
    const libc = loadLibc();
    return { ...libc, ...change(libc) };
  },
});

const withPagemap = (read: (target: Uint8Array, position: number) => number): System => ({
  ...system,
  openPagemap: () => new Pagemap(read),
});

const refuse = (message: string) => (): never => {
  throw new Error(message);
};

describe.skipIf(!onLinux)('the self-test', () => {
  it('chooses the best mode where everything works, and gives no reason', () => {
    const { mode, reason } = chooseResetter();
    expect({ mode, reason }).toEqual({ mode: 'pagemap', reason: undefined });
  });

  const cases: readonly { name: string; system: System; mode: string; reason: RegExp }[] = [
    {
      name: 'the C library cannot be called',
      system: { ...system, loadLibc: refuse('no node:ffi') },
      mode: 'copy',
      reason: /mapped: no node:ffi/,
    },
    {
      name: 'V8 is told to check bounds itself',
      system: { ...system, execArgv: ['--wasm-enforce-bounds-checks'] },
      mode: 'copy',
      reason: /flag of V8/,
    },
    { name: 'there are no guard regions', system: { ...system, maps: () => '' }, mode: 'copy', reason: /guard region/ },
    {
      name: 'the addresses cannot be read',
      system: { ...system, maps: refuse('EACCES: /proc/self/maps') },
      mode: 'copy',
      reason: /EACCES/,
    },
    {
      name: 'pages are larger than those of WebAssembly',
      system: withLibc(() => ({ pageSize: 131_072 })),
      mode: 'copy',
      reason: /131072 bytes/,
    },
    {
      name: 'the size of pages is not known',
      system: withLibc(() => ({ pageSize: -1 })),
      mode: 'copy',
      reason: /-1 bytes/,
    },
    {
      name: 'there are no files in memory',
      system: withLibc(() => ({ createMemoryFile: () => undefined })),
      mode: 'copy',
      reason: /memfd_create/,
    },
    {
      name: 'mmap is refused',
      system: withLibc(() => ({ mapPrivate: () => false })),
      mode: 'copy',
      reason: /mmap has failed/,
    },
    {
      name: 'mmap maps nothing',
      system: withLibc(() => ({ mapPrivate: () => true })),
      mode: 'copy',
      reason: /differs/,
    },
    {
      name: 'madvise is refused',
      system: withLibc(() => ({ advise: () => false })),
      mode: 'copy',
      reason: /madvise has failed/,
    },
    {
      name: 'memory cannot be closed',
      system: withLibc(() => ({ protect: () => false })),
      mode: 'copy',
      reason: /cannot be/,
    },
    {
      name: 'closed memory can still be read',
      system: withLibc(() => ({ protect: () => true })),
      mode: 'copy',
      reason: /still be read/,
    },
    {
      name: 'there is no page map',
      system: { ...system, openPagemap: refuse('ENOENT: /proc/self/pagemap') },
      mode: 'madvise',
      reason: /found: ENOENT/,
    },
    { name: 'the page map is empty', system: withPagemap(() => 0), mode: 'madvise', reason: /ends early/ },
    {
      name: 'the page map shows nothing',
      system: withPagemap((target) => target.fill(0).length),
      mode: 'madvise',
      reason: /found/,
    },
    {
      name: 'the page map takes everything for written',
      system: withPagemap((target) => target.fill(0x80).length),
      mode: 'madvise',
      reason: /where there are none/,
    },
    {
      name: 'page faults are not counted',
      system: withLibc(() => ({ threadFaults: () => 5 })),
      mode: 'pagemap',
      reason: /not counted/,
    },
    {
      name: 'page faults cannot be asked for',
      system: withLibc(() => ({ threadFaults: () => undefined })),
      mode: 'pagemap',
      reason: /not counted/,
    },
  ];

  it.each(cases)('falls back to $mode when $name, and says why', ({ system: reduced, mode, reason }) => {
    const resetter = chooseResetter(undefined, reduced);
    expect(resetter.mode).toBe(mode);
    expect(resetter.reason).toMatch(reason);
    const guest = new TestGuest(resetter, contentOf(2));
    guest.view.fill(1);
    expect(guest.reset()).toBe(true);
    expect(Buffer.compare(guest.view, contentOf(2))).toBe(0);
  });

  it('can be made to madvise only by what it sees, never by a page map that was not tried', () => {
    expect(chooseResetter('madvise', { ...system, openPagemap: refuse('not to be opened') }).reason).toBeUndefined();
  });

  it.each(RESET_MODES)('gives %s when that is asked for', (mode) => {
    expect(chooseResetter(mode).mode).toBe(mode);
  });

  it.each([
    {
      mode: 'pagemap',
      reduced: { ...system, openPagemap: refuse('no page map') },
      message: /by pagemap: .*no page map/,
    },
    { mode: 'pagemap', reduced: { ...system, loadLibc: refuse('no node:ffi') }, message: /by pagemap: .*no node:ffi/ },
    { mode: 'madvise', reduced: { ...system, maps: () => '' }, message: /by madvise: .*guard region/ },
  ] as const)('refuses $mode by name when it is asked for and does not work', ({ mode, reduced, message }) => {
    expect(() => chooseResetter(mode, reduced)).toThrow(message);
  });
});

describe.skipIf(!onLinux)('a process of its own', () => {
  const script = `
    const { chooseResetter } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
    console.log(chooseResetter().mode);`;

  it.each([
    { flags: [], mode: 'pagemap' },
    { flags: ['--disable-wasm-trap-handler'], mode: 'copy' },
    { flags: ['--wasm_enforce_bounds_checks'], mode: 'copy' },
    { flags: ['--permission', '--allow-fs-read=*'], mode: 'copy' },
  ])('with flags $flags puts back by $mode, and prints no warning', ({ flags, mode }) => {
    // Both streams, so that what is printed on either shows.
    const printed = execFileSync(
      '/bin/sh',
      ['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...flags, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect(printed).toBe(`${mode}\n`);
  });
});
