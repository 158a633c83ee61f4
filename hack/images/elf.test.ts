import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutSections } from './elf.ts';

describe('a program without its sections', () => {
  it('is smaller and runs as before', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stripped-'));
    const program = readFileSync(process.execPath);
    const stripped = withoutSections(program);
    writeFileSync(join(folder, 'node'), stripped, { mode: 0o755 });
    expect(stripped.length).toBeLessThan(program.length * 0.9);
    expect(execFileSync(join(folder, 'node'), ['-p', 'process.version'], { encoding: 'utf8' }).trim()).toBe(
      process.version,
    );
    rmSync(folder, { recursive: true });
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a script', Buffer.from('#!/bin/sh\n'.padEnd(100))],
    ['an ELF file of 32 bits', Buffer.from(`\x7fELF\x01\x01`.padEnd(100, '\0'), 'latin1')],
    ['an ELF file that was cut off', readFileSync(process.execPath).subarray(0, 4096)],
  ])('is not made of %s', (_, bytes) => {
    expect(() => withoutSections(bytes)).toThrow('ELF');
  });
});
