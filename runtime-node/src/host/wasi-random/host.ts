// wasi:random random, insecure and insecure-seed. All three draw from the operating system's generator: it is fast
// enough, and a guest that wrongly trusts the insecure ones is safe all the same.
import { plain, Trap, type HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';

/** Fills the array with random bytes. */
export type RandomSource = (bytes: Uint8Array) => void;

/** What wasmtime allows in one call; more would only keep the thread busy for everyone. */
const MAX_LENGTH = 64 * 1024 * 1024;

const U64_BYTES = 8;

export function randomInterfaces(fill: RandomSource): ReadonlyMap<string, HostInterface<Guest>> {
  const randomBytes = (length: bigint): Uint8Array => {
    if (length > MAX_LENGTH) {
      throw new Trap(`${length} random bytes were asked for, and one call gives at most ${MAX_LENGTH}`);
    }
    const bytes = new Uint8Array(Number(length));
    fill(bytes);
    return bytes;
  };
  const randomU64 = (): bigint => {
    const bytes = new Uint8Array(U64_BYTES);
    fill(bytes);
    return new DataView(bytes.buffer).getBigUint64(0);
  };
  const random = interfaceOf({
    'get-random-bytes': plain((_guest, length: bigint) => randomBytes(length)),
    'get-random-u64': plain(() => randomU64()),
  });
  const insecure = interfaceOf({
    'get-insecure-random-bytes': plain((_guest, length: bigint) => randomBytes(length)),
    'get-insecure-random-u64': plain(() => randomU64()),
  });
  const seed = plain((): [bigint, bigint] => [randomU64(), randomU64()]);
  return new Map<string, HostInterface<Guest>>([
    ['wasi:random/random@0.2.12', random],
    ['wasi:random/insecure@0.2.12', insecure],
    ['wasi:random/insecure-seed@0.2.12', interfaceOf({ 'insecure-seed': seed })],
    ['wasi:random/random@0.3.0', random],
    ['wasi:random/insecure@0.3.0', insecure],
    ['wasi:random/insecure-seed@0.3.0', interfaceOf({ 'get-insecure-seed': seed })],
  ]);
}

const interfaceOf = (functions: HostInterface<Guest>['functions']): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions,
});
