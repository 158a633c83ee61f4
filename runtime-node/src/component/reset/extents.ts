// Which parts of a memory an image has to hold: pure.

/** Bytes from `start` up to `end`, both at page borders. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Zeroes between two parts up to this many bytes do not split them: each part costs every slot a mapping. */
const GAP_BYTES = 1024 * 1024;

/** Mappings per memory; a process may have 65 530 in all (vm.max_map_count) and thousands of slots. */
const MAX_EXTENTS = 8;

/** The pages that are not all zero, ascending; of `candidates`, where given. */
export function nonZeroPages(bytes: Uint8Array, pageSize: number, candidates?: readonly number[]): number[] {
  const zeroes = Buffer.alloc(pageSize);
  const isZero = (page: number): boolean =>
    zeroes.compare(bytes, page * pageSize, Math.min((page + 1) * pageSize, bytes.length)) === 0;
  const pages = candidates ?? Array.from({ length: bytes.length / pageSize }, (_, page) => page);
  return pages.filter((page) => !isZero(page));
}

/** Exactly these pages, ascending, neighbours joined. */
export const runsOf = (pages: readonly number[], pageSize: number): Extent[] =>
  joined(
    pages.map((page) => ({ start: page * pageSize, end: (page + 1) * pageSize })),
    0,
  );

/** A few extents that cover these pages, ascending; large runs of zeroes lie between them. */
export function extentsOf(pages: readonly number[], pageSize: number): Extent[] {
  let extents = runsOf(pages, pageSize);
  for (let gap = GAP_BYTES; ; gap *= 2) {
    extents = joined(extents, gap);
    if (extents.length <= MAX_EXTENTS) {
      return extents;
    }
  }
}

function joined(extents: readonly Extent[], gap: number): Extent[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of extents) {
    const last = result.at(-1);
    if (last !== undefined && start - last.end <= gap) {
      last.end = end;
    } else {
      result.push({ start, end });
    }
  }
  return result;
}
