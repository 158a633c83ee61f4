// How much an archive layer may unpack to. An archive of a few kilobytes can hold terabytes of zeros.

export interface ArchiveLimits {
  /** Files and directories. */
  readonly entries: number;
  /** Unpacked bytes, headers included. */
  readonly bytes: number;
  /** Unpacked bytes per compressed byte, counted once `ratioFrom` bytes have come out. */
  readonly ratio: number;
  readonly ratioFrom: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 100_000, // Twice the files of the largest static sites; each costs a file in the cache.
  bytes: 4 * 1024 ** 3, // More than a Wasm guest can address, and than any asset directory seen.
  ratio: 200, // Text and JSON reach 10 to 50; only prepared content comes near deflate's 1032.
  ratioFrom: 64 * 1024 ** 2, // A small archive may be all zeros without hurting anyone.
};
