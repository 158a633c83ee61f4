import { describe, expect, it } from 'vitest';
import { forcesBoundsChecks, hasGuardRegion } from './guard-region.ts';

const ADDRESS = 0x7fbe_5000_0000n;

describe('the guard region', () => {
  it.each([
    {
      name: 'is there when 8 GiB without access follow',
      maps: `7fb000000000-7fb000001000 rw-p 00000000 00:00 0 
7fbe50000000-7fbe50020000 rw-p 00000000 00:00 0 
7fbe50020000-7fc050000000 ---p 00000000 00:00 0 
7fc050000000-7fc050021000 rw-p 00000000 00:00 0 `,
      guarded: true,
    },
    {
      name: 'may consist of several areas',
      maps: `7fbe50000000-7fbe50020000 rw-p 00000000 00:00 0 
7fbe50020000-7fbe60000000 ---p 00000000 00:00 0 
7fbe60000000-7fc050000000 ---p 00000000 00:00 0 `,
      guarded: true,
    },
    {
      name: 'may begin in the area of the memory, when that is not accessible yet',
      maps: '7fbe50000000-7fc050000000 ---p 00000000 00:00 0 ',
      guarded: true,
    },
    {
      name: 'is not there when only room for growth follows',
      maps: `7fbe50000000-7fbe50020000 rw-p 00000000 00:00 0 
7fbe50020000-7fbe50040000 ---p 00000000 00:00 0 
7fbe50048000-7fbe50049000 ---p 00000000 00:00 0 `,
      guarded: false,
    },
    {
      name: 'is not there when something accessible lies in it',
      maps: `7fbe50000000-7fbe50020000 rw-p 00000000 00:00 0 
7fbe50020000-7fbe60000000 ---p 00000000 00:00 0 
7fbe60000000-7fbe60001000 r--p 00000000 00:00 0 
7fbe60001000-7fc050000000 ---p 00000000 00:00 0 `,
      guarded: false,
    },
    {
      name: 'is not there when the memory is the last area',
      maps: '7fbe50000000-7fbe50020000 rw-p 00000000 00:00 0 ',
      guarded: false,
    },
    { name: 'is not there in a text that is something else', maps: 'Permission denied\n\n7fbe', guarded: false },
  ])('$name', ({ maps, guarded }) => {
    expect(hasGuardRegion(maps, ADDRESS, 0x2_0000)).toBe(guarded);
  });

  it.each([
    [['--disable-wasm-trap-handler'], true],
    [['--max-old-space-size=100', '--wasm_enforce_bounds_checks'], true],
    [['--wasm-lazy-validation'], false],
    [[], false],
  ] as const)('is not relied on with the flags %j: %s', (execArgv, forced) => {
    expect(forcesBoundsChecks(execArgv)).toBe(forced);
  });
});
