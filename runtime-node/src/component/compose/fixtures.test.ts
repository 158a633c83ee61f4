// Every guest of test/guests put into another component, as it is and with all denied that it imports: what real tools
// write can be read, and written again.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { componentWit } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { decodeComponent } from '../decode/index.ts';
import { compose, describeExterns } from './index.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/guests/fixtures');
/** Core modules, and components of WASI 0.3, which are not decoded yet. */
const NOT_YET = /-module$/;
const names = readdirSync(FIXTURES)
  .flatMap((file) => /^(.*)\.wasm(?:\.br)?$/.exec(file)?.[1] ?? [])
  .filter((name) => !NOT_YET.test(name));

const EMPTY = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);

describe.each(names)('the guest %s', (name) => {
  it('imports and exports the same from within another component', async () => {
    const bytes = await fixture(name);
    const whole = compose(bytes, [], []);
    expect(describeExterns(whole)).toEqual(describeExterns(bytes));
    expect(await componentWit(whole)).toBe(await componentWit(bytes));
    const [plan, alone] = [decodeComponent(whole), decodeComponent(bytes)];
    expect(plan.imports.map((one) => `${one.interface} ${one.name}`)).toEqual(
      alone.imports.map((one) => `${one.interface} ${one.name}`),
    );
    expect(plan.exports).toMatchObject(Object.fromEntries(Object.keys(alone.exports).map((key) => [key, {}])));
  });

  it('imports nothing when it is denied all', async () => {
    const bytes = await fixture(name);
    const whole = compose(EMPTY, [{ name, bytes, deny: () => true }], []);
    const { imports, exports } = describeExterns(whole);
    // A type that a world gives a name to is nothing that could be done.
    expect([imports.filter(({ kind }) => kind !== 'type'), exports]).toEqual([[], []]);
    await componentWit(whole);
    expect(decodeComponent(whole).importedInterfaces).toEqual([]);
  });
});
