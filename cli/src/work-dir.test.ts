import { existsSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { makeWorkDir } from './work-dir.ts';

afterEach(() => vi.unstubAllEnvs());

it('is there until it is removed', async () => {
  const { path, remove } = await makeWorkDir('spindle-test-');
  expect(existsSync(path)).toBe(true);
  remove();
  expect(existsSync(path)).toBe(false);
});

it('says where it cannot be made, and what to do', async () => {
  vi.stubEnv('TMPDIR', '/proc/none');
  await expect(makeWorkDir('spindle-test-')).rejects.toMatchObject({
    code: 'SPK5032',
    place: { file: '/proc/none' },
    remedy: expect.stringContaining('TMPDIR') as string,
  });
});
