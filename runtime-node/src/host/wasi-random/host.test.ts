import { describe, expect, it } from 'vitest';
import { Trap } from '../../component/index.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { randomInterfaces } from './host.ts';
import { wasiRandom } from './index.ts';

const { guest, component } = fakeGuest();

/** Fills with 1, 2, 3 and so on, over all calls. */
function counting(): (bytes: Uint8Array) => void {
  let next = 0;
  return (bytes) => {
    bytes.forEach((_, index) => {
      next += 1;
      bytes[index] = next;
    });
  };
}

describe.each([
  ['random', 'get-random-bytes', 'get-random-u64'],
  ['insecure', 'get-insecure-random-bytes', 'get-insecure-random-u64'],
])('wasi:random/%s', (name, bytesFunction, numberFunction) => {
  const call = callHost(randomInterfaces(counting()).get(`wasi:random/${name}@0.2.12`), guest);

  it('gives as many bytes as were asked for, none too', () => {
    expect(call(bytesFunction, 3n)).toEqual(new Uint8Array([1, 2, 3]));
    expect(call(bytesFunction, 0n)).toEqual(new Uint8Array(0));
  });

  it('makes a number of eight bytes', () => {
    expect(call(numberFunction)).toBe(0x0405_0607_0809_0a0bn);
  });

  it.each([64n * 1024n * 1024n + 1n, 0xffff_ffff_ffff_ffffn])('ends the guest that asks for %d bytes', (length) => {
    expect(() => call(bytesFunction, length)).toThrow(Trap);
  });
});

describe('wasi:random/insecure-seed', () => {
  it('gives two different numbers', () => {
    const call = callHost(randomInterfaces(counting()).get('wasi:random/insecure-seed@0.2.12'), guest);
    expect(call('insecure-seed')).toEqual([0x0102_0304_0506_0708n, 0x090a_0b0c_0d0e_0f10n]);
  });
});

describe('the capability', () => {
  it('draws from the operating system: the same bytes never come twice', async () => {
    const bound = wasiRandom.bind(await wasiRandom.open(undefined, undefined as never), component);
    expect([...bound.keys()]).toEqual([...wasiRandom.interfaces]);
    const call = callHost(bound.get('wasi:random/random@0.2.12'), guest);
    expect(call('get-random-bytes', 32n)).not.toEqual(call('get-random-bytes', 32n));
    expect(call<Uint8Array>('get-random-bytes', 1_000_000n)).toHaveLength(1_000_000);
  });
});
