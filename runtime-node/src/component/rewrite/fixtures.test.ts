// Every core module of every guest comes out valid and not much larger.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { decodeComponent } from '../decode/index.ts';
import { rewriteModule } from './index.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/guests/fixtures');
const guests = readdirSync(FIXTURES).flatMap((file) => /^(.*)\.wasm(?:\.br)?$/.exec(file)?.[1] ?? []);

async function coreModules(name: string): Promise<Uint8Array[]> {
  const bytes = await fixture(name);
  const { modules } = name.endsWith('-module')
    ? { modules: [{ offset: 0, length: bytes.length }] }
    : decodeComponent(bytes);
  return modules.map(({ offset, length }) => bytes.subarray(offset, offset + length));
}

describe.each(guests)('%s', (name) => {
  it.each([false, true])('is valid in V8 when rewritten (time checks: %s)', async (timeChecks) => {
    for (const module of await coreModules(name)) {
      const { bytes } = rewriteModule(module, { timeChecks });
      expect(WebAssembly.validate(bytes)).toBe(true);
      // A check is 11 bytes and its hint 6, and small loops are written four times: of these some libraries of Python have
      // little else.
      expect(bytes.length).toBeLessThan(1.8 * module.length + 1_000);
    }
  });
});
