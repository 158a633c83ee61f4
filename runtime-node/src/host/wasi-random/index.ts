// wasi:random 0.2 and 0.3 (spin-contract.md §4.11).
import { randomFillSync } from 'node:crypto';
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { randomInterfaces, type RandomSource } from './host.ts';
import { pooled } from './pool.ts';

function randomOn(source: RandomSource): HostCapability<undefined, ReadonlyMap<string, HostInterface<Guest>>> {
  return {
    id: 'wasi-random',
    interfaces: ['0.2.12', '0.3.0'].flatMap((version) =>
      ['random', 'insecure', 'insecure-seed'].map((name) => `wasi:random/${name}@${version}`),
    ),
    configKeys: [],
    parse: () => undefined,
    open: async () => randomInterfaces(source),
    bind: (interfaces) => interfaces,
  };
}

export const wasiRandom = randomOn(pooled((bytes) => randomFillSync(bytes)));
