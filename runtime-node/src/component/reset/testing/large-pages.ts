// A system with larger pages, made of this one: page maps are folded, everything else only sees coarser borders.
import { openSync, readSync } from 'node:fs';
import type { Libc } from '../../../ffi/index.ts';
import { Pagemap } from '../pagemap.ts';
import { pagemapResetter } from '../resetters.ts';
import type { MemoryResetter } from '../types.ts';

const ENTRY_BYTES = 8;
const PRIVATE = 1n << 63n;
const FILE = 1n << 61n;

export function largePagesResetter(libc: Libc, pageSize: number): MemoryResetter {
  const fold = pageSize / libc.pageSize;
  const fd = openSync('/proc/self/pagemap', 'r');
  const pagemap = new Pagemap((target, position) => {
    const small = new BigUint64Array((target.length / ENTRY_BYTES) * fold);
    readSync(fd, small, 0, small.byteLength, position * fold);
    const large = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (let page = 0; page * ENTRY_BYTES < target.length; page++) {
      const isPrivate = small
        .subarray(page * fold, (page + 1) * fold)
        .some((entry) => entry >> 62n !== 0n && (entry & FILE) === 0n);
      large.setBigUint64(page * ENTRY_BYTES, isPrivate ? PRIVATE : 0n, true);
    }
    return target.length;
  });
  const large = { ...libc, pageSize };
  return pagemapResetter(large, pagemap, () => large.threadFaults(), undefined);
}
