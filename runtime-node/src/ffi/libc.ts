// The few calls of the C library that putting memories back needs, with types of their own. Nothing here decides where
// or how much: the callers derive each address and length from a memory that they hold, and check them.
import { loadNodeFfi } from './node-ffi.ts';

export type Access = 'none' | 'read-write';

/**
 * - `discard`: drop what is private; a mapped file shows its content again, other memory is zero (MADV_DONTNEED).
 * - `small-pages`: never join pages into a huge one (MADV_NOHUGEPAGE).
 * - `no-dump`: leave out of core dumps (MADV_DONTDUMP).
 */
export type Advice = 'discard' | 'small-pages' | 'no-dump';

/** Calls answer false, or undefined, when the system refuses; they throw only on arguments that cannot be passed. */
export interface Libc {
  readonly pageSize: number;
  addressOf(buffer: ArrayBuffer): bigint;
  /** Maps `bytes` bytes of a file from `offset` over what is at `address`, private and writable. */
  mapPrivate(address: bigint, bytes: number, fd: number, offset: number): boolean;
  protect(address: bigint, bytes: number, access: Access): boolean;
  advise(address: bigint, bytes: number, advice: Advice): boolean;
  /** A file without a name in memory, closed on exec. */
  createMemoryFile(name: string): number | undefined;
  /** Of a descriptor that Node does not know. */
  close(fd: number): void;
  /** Page faults of the calling thread so far, the ones within system calls included. */
  threadFaults(): number | undefined;
}

// Numbers of the Linux ABI, equal on x86-64 and arm64.
const SC_PAGESIZE = 30;
const PROTECTIONS = { none: 0, 'read-write': 1 | 2 } as const satisfies Record<Access, number>;
const ADVICES = { discard: 4, 'small-pages': 15, 'no-dump': 16 } as const satisfies Record<Advice, number>;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MFD_CLOEXEC = 1;
const RUSAGE_THREAD = 1;

/** `struct rusage` on 64-bit Linux: two `timeval`, then 14 numbers, each of 8 bytes. */
const RUSAGE_BYTES = 144;
const MINOR_FAULTS = 64;
const MAJOR_FAULTS = 72;
const WORD = 4;

const SIGNATURES = {
  sysconf: { arguments: ['i32'], return: 'i64' },
  mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'u64' },
  mprotect: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  madvise: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  memfd_create: { arguments: ['string', 'u32'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
  getrusage: { arguments: ['i32', 'u64'], return: 'i32' },
} as const;

/** Throws where there is no such library or no way to call it. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Error(`not made for ${process.platform} on ${process.arch}`);
  }
  const ffi = loadNodeFfi();
  // Symbols that this process already has: Node is linked to the C library.
  const { functions } = ffi.dlopen(null, SIGNATURES);
  const usage = new Uint32Array(RUSAGE_BYTES / WORD);
  const usageAddress = ffi.getRawPointer(usage);
  const wide = (at: number): number => (usage[at / WORD] ?? 0) + (usage[at / WORD + 1] ?? 0) * 2 ** 32;
  return {
    pageSize: Number(functions.sysconf(SC_PAGESIZE)),
    addressOf: (buffer) => ffi.getRawPointer(buffer),
    mapPrivate: (address, bytes, fd, offset) =>
      functions.mmap(address, BigInt(bytes), PROTECTIONS['read-write'], MAP_PRIVATE | MAP_FIXED, fd, BigInt(offset)) ===
      address,
    protect: (address, bytes, access) => functions.mprotect(address, BigInt(bytes), PROTECTIONS[access]) === 0,
    advise: (address, bytes, advice) => functions.madvise(address, BigInt(bytes), ADVICES[advice]) === 0,
    createMemoryFile: (name) => {
      const fd = functions.memfd_create(name, MFD_CLOEXEC);
      return fd < 0 ? undefined : fd;
    },
    close: (fd) => {
      functions.close(fd);
    },
    threadFaults: () =>
      functions.getrusage(RUSAGE_THREAD, usageAddress) === 0 ? wide(MINOR_FAULTS) + wide(MAJOR_FAULTS) : undefined,
  };
}
