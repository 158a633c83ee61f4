import { fstatSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadLibc } from './libc.ts';
import { loadNodeFfi } from './node-ffi.ts';

describe.skipIf(process.platform !== 'linux')('the C library', () => {
  const libc = loadLibc();

  it('knows the size of pages', () => {
    const [, kilobytes] = /MMUPageSize: +(\d+) kB/.exec(readFileSync('/proc/self/smaps', 'utf8')) ?? [];
    expect(libc.pageSize).toBe(Number(kilobytes) * 1024);
  });

  it('makes files in memory, and closes them', () => {
    const fd = libc.createMemoryFile('test');
    expect(fstatSync(fd ?? -1).size).toBe(0);
    libc.close(fd ?? -1);
    expect(() => fstatSync(fd ?? -1)).toThrow('EBADF');
  });

  it('counts the page faults of this thread', () => {
    const before = libc.threadFaults() ?? NaN;
    // 100 pages of the largest size that there is.
    new Uint8Array(100 * 65_536).fill(1);
    expect(libc.threadFaults()).toBeGreaterThanOrEqual(before + 100);
  });

  it('maps a file privately, protects and discards', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const address = libc.addressOf(memory.buffer);
    const bytes = new Uint8Array(memory.buffer);
    bytes[0] = 5;
    expect(libc.advise(address, 65_536, 'discard')).toBe(true);
    expect(bytes[0]).toBe(0);
    expect(libc.protect(address, 65_536, 'read-write')).toBe(true);
  });

  it('answers no where the system refuses', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const address = libc.addressOf(memory.buffer);
    expect(libc.mapPrivate(address, 65_536, -1, 0)).toBe(false);
    expect(libc.protect(address + 1n, 65_536, 'none')).toBe(false);
    expect(libc.advise(address + 1n, 65_536, 'discard')).toBe(false);
  });
});

describe('node:ffi', () => {
  it('leaves warnings of others to be printed', () => {
    const { emitWarning } = process;
    loadNodeFfi();
    expect(process.emitWarning).toBe(emitWarning);
  });
});
