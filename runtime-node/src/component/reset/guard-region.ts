// Whether V8 has reserved addresses behind a memory, so that guests run into them instead of being checked (pure: reads
// the text of /proc/self/maps). Only then does a closed page end the guest's call; with checks in the code instead, it
// would end the process.

/** What 32-bit addresses can reach (V8 reserves 8 GiB, for offsets in instructions too). */
const REACH_BYTES = 2n ** 32n;

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([-r][-w][-x][-ps]) /;

/** Whether from `address + size` on, up to 4 GiB behind `address` and further, all is mapped without any access. */
export function hasGuardRegion(maps: string, address: bigint, size: number): boolean {
  let reached = address + BigInt(size);
  const wanted = reached + REACH_BYTES;
  // Ascending by address.
  for (const line of maps.split('\n')) {
    const [, from, to, access] = LINE.exec(line) ?? [];
    if (from === undefined || to === undefined) {
      continue;
    }
    const start = BigInt(`0x${from}`);
    const end = BigInt(`0x${to}`);
    if (end <= reached) {
      continue;
    }
    if (start > reached || access?.startsWith('---') !== true) {
      return false;
    }
    reached = end;
    if (reached >= wanted) {
      return true;
    }
  }
  return false;
}

/** V8's flags that put explicit checks into the code although there may be guard regions. */
const CHECKS = /^--(?:disable-wasm-trap-handler|wasm-enforce-bounds-checks)$/;

/** `execArgv` as in `process.execArgv`; V8 takes `_` for `-`. */
export const forcesBoundsChecks = (execArgv: readonly string[]): boolean =>
  execArgv.some((argument) => CHECKS.test(argument.replaceAll('_', '-')));
