// What a guest sees of a file's metadata.
import { hash } from 'node:crypto';
import { constants, fstatSync, lstatSync, type BigIntStats, type Dirent } from 'node:fs';
import type { Datetime } from '../wasi-clocks/clock.ts';
import { FilesystemError } from './errors.ts';

export type DescriptorType =
  | 'unknown'
  | 'block-device'
  | 'character-device'
  | 'directory'
  | 'fifo'
  | 'symbolic-link'
  | 'regular-file'
  | 'socket';

export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime | undefined;
  readonly dataModificationTimestamp: Datetime | undefined;
  readonly statusChangeTimestamp: Datetime | undefined;
}

export type NewTimestamp =
  | { readonly tag: 'no-change' }
  | { readonly tag: 'now' }
  | { readonly tag: 'timestamp'; readonly val: Datetime };

const NANOSECONDS = 1_000_000_000n;

/** Year 36812; far above any real time and below what every file system can be asked to keep. */
const MAX_SECONDS = 1n << 40n;

export const statOpen = (fd: number): BigIntStats => fstatSync(fd, { bigint: true });
export const statEntry = (path: string): BigIntStats => lstatSync(path, { bigint: true });

export function descriptorStat(stat: BigIntStats): DescriptorStat {
  return {
    type: typeOfMode(stat.mode),
    linkCount: stat.nlink,
    size: stat.size,
    dataAccessTimestamp: datetime(stat.atimeNs),
    dataModificationTimestamp: datetime(stat.mtimeNs),
    statusChangeTimestamp: datetime(stat.ctimeNs),
  };
}

/** Undefined before 1970, which the WIT type cannot say. */
const datetime = (nanoseconds: bigint): Datetime | undefined =>
  nanoseconds < 0n ? undefined : { seconds: nanoseconds / NANOSECONDS, nanoseconds: Number(nanoseconds % NANOSECONDS) };

const TYPES: ReadonlyMap<number, DescriptorType> = new Map([
  [constants.S_IFBLK, 'block-device'],
  [constants.S_IFCHR, 'character-device'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFIFO, 'fifo'],
  [constants.S_IFLNK, 'symbolic-link'],
  [constants.S_IFREG, 'regular-file'],
  [constants.S_IFSOCK, 'socket'],
]);

export const typeOfMode = (mode: bigint): DescriptorType => TYPES.get(Number(mode) & constants.S_IFMT) ?? 'unknown';

export function typeOfEntry(entry: Dirent<Buffer>): DescriptorType {
  if (entry.isFile()) {
    return 'regular-file';
  }
  if (entry.isDirectory()) {
    return 'directory';
  }
  if (entry.isSymbolicLink()) {
    return 'symbolic-link';
  }
  if (entry.isFIFO()) {
    return 'fifo';
  }
  if (entry.isSocket()) {
    return 'socket';
  }
  if (entry.isBlockDevice()) {
    return 'block-device';
  }
  return entry.isCharacterDevice() ? 'character-device' : 'unknown';
}

/** Changes when the file is changed or replaced; the same in every process, so that guests may compare. */
export function metadataHash(stat: BigIntStats): { lower: bigint; upper: bigint } {
  const digest = hash('sha256', `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`, 'buffer');
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) };
}

/** Seconds for Node's utimes functions, which keep microseconds. `current` is asked only for what shall stay. */
export function utimesSeconds(time: NewTimestamp, now: number, current: () => bigint): number {
  if (time.tag === 'now') {
    return now;
  }
  if (time.tag === 'no-change') {
    return Number(current()) / Number(NANOSECONDS);
  }
  const { seconds, nanoseconds } = time.val;
  if (seconds > MAX_SECONDS) {
    throw new FilesystemError('overflow');
  }
  return Number(seconds) + nanoseconds / Number(NANOSECONDS);
}
