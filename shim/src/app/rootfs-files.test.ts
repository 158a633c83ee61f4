import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findIn, isProgram } from './rootfs-files.ts';

let outside: string;
let rootfs: string;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'rootfs-'));
  rootfs = join(outside, 'root');
  mkdirSync(join(rootfs, 'usr/bin'), { recursive: true });
  symlinkSync('usr/bin', join(rootfs, 'bin'));
  writeFileSync(join(rootfs, 'usr/bin/script'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(rootfs, 'usr/bin/text'), 'text', { mode: 0o755 });
  writeFileSync(join(rootfs, 'usr/bin/elf'), '\u007fELF\u0001', { mode: 0o755 });
  writeFileSync(join(rootfs, 'usr/bin/data'), '\u007fELF');
  chmodSync(join(rootfs, 'usr/bin/data'), 0o644);
  writeFileSync(join(outside, 'secret'), '#!', { mode: 0o755 });
  symlinkSync('/../../secret', join(rootfs, 'absolute'));
  symlinkSync('../../../../secret', join(rootfs, 'relative'));
  symlinkSync('loop', join(rootfs, 'loop'));
});

afterAll(() => rmSync(outside, { recursive: true }));

describe('files of a root file system', () => {
  it('are found through links as the container sees them', () => {
    expect(findIn(rootfs, '/bin/script')).toBe(join(rootfs, 'usr/bin/script'));
    expect(findIn(rootfs, '/bin/.././bin/elf')).toBe(join(rootfs, 'usr/bin/elf'));
    expect(findIn(rootfs, '/')).toBe(rootfs);
  });

  it.each(['/absolute', '/relative', '/loop', '/bin/none', '/../../secret'])('are none of the node (%s)', (path) => {
    expect(findIn(rootfs, path)).toBeUndefined();
  });

  it.each([
    ['/bin/script', true],
    ['script', true],
    ['elf', true],
    ['text', false],
    ['data', false],
    ['/', false],
    ['/absolute', false],
    ['', false],
  ])('are programs or not (%s)', (command, expected) => {
    expect(isProgram(rootfs, command, '/nowhere:/bin')).toBe(expected);
  });
});
