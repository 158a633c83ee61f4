import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLibc } from './libc.ts';

const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform !== 'linux')('the C library', () => {
  const libc = loadLibc();

  it('gives orphans to this process, and their status', async () => {
    libc.becomeSubreaper();
    // The inner shell outlives the outer one, whose end Node collects.
    const { stdout } = spawnSync('sh', ['-c', '(sleep 0.1; exit 7) >/dev/null 2>&1 & echo $!']);
    const pid = Number(stdout);
    await expect.poll(() => libc.peekEnded(pid)).toEqual({ pid, status: 7 });
    expect(libc.collect(pid)).toEqual({ pid, status: 7 });
    expect(libc.collect(pid)).toBeUndefined();
  });

  it('tells of signals as a shell does', async () => {
    const { stdout } = spawnSync('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!']);
    const pid = Number(stdout);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => libc.collect(pid)).toEqual({ pid, status: 137 });
  });

  it('knows no processes of others', () => {
    expect(libc.collect(process.ppid)).toBeUndefined();
  });

  it('says what mounting failed of', () => {
    const mount = { source: 'tmpfs', target: '/does/not/exist', type: 'tmpfs', flags: 0, data: '' };
    expect(() => libc.mount(mount)).toThrow(isRoot ? 'ENOENT' : 'E');
    expect(() => libc.unmount('/does/not/exist')).toThrow(isRoot ? 'ENOENT' : 'E');
  });

  it.runIf(isRoot)('mounts and unmounts, in use too', () => {
    const target = mkdtempSync(join(tmpdir(), 'mount-'));
    const isMounted = (): boolean => readFileSync('/proc/self/mounts', 'utf8').includes(` ${target} `);
    libc.mount({ source: 'tmpfs', target, type: 'tmpfs', flags: 1, data: 'size=64k' });
    expect(isMounted()).toBe(true);
    const user = spawn('sleep', ['60'], { cwd: target });
    libc.unmount(target);
    expect(isMounted()).toBe(false);
    user.kill();
    rmSync(target, { recursive: true });
  });
});
