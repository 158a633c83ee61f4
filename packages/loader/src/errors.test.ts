import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('every error has a code of its own and a remedy', async () => {
  const source = await readFile(new URL('errors.ts', import.meta.url), 'utf8');
  const codes = source.match(/SPK\d+/g) ?? [];
  const errors = source.match(/new UserError\(/g) ?? [];
  const remedies = source.match(/remedy\??:|\bremedy }/g) ?? [];
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).toHaveLength(errors.length);
  expect(codes.every((code) => code.startsWith('SPK30'))).toBe(true);
  expect(remedies.length).toBeGreaterThanOrEqual(errors.length);
});
