import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pauseProgram } from './pause-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'pause-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function started(): Promise<ChildProcess> {
  const path = join(folder, 'pause');
  writeFileSync(path, pauseProgram(), { mode: 0o755 });
  const child = spawn(path);
  await once(child, 'spawn');
  // It sleeps once it waits for signals: one that comes before ends any program.
  await expect.poll(() => readFileSync(`/proc/${child.pid}/status`, 'utf8'), { interval: 5 }).toMatch(/^State:\tS/m);
  return child;
}

describe('the pause program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends well at %s, and not before', async (signal) => {
    const child = await started();
    const exited = once(child, 'exit');
    // A child of its own that has ended is the kernel's business.
    child.kill('SIGCHLD');
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
  });

  it('is the same instructions for arm64', () => {
    const bytes = pauseProgram('arm64');
    const words = Array.from({ length: (bytes.length - 160) / 4 }, (_, index) => bytes.readUInt32LE(160 + 4 * index));
    // As Go's assembler makes them: MOVD $134, R8; SVC; ... MOVD $137, R8; SVC; TBNZ $31, R0, -10(PC).
    expect(words.slice(8, 10)).toEqual([0xd28010c8, 0xd4000001]);
    expect(words.slice(28, 31)).toEqual([0xd2801128, 0xd4000001, 0x37fffec0]);
    expect(bytes.readUInt16LE(18)).toBe(183);
  });
});
