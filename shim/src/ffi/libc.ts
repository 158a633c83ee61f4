// The calls of the C library that Node does not have and a shim needs: to be told of processes that it did not start, and to
// mount. Failures become errors with the name of the system's error, as Node's own have.
import { getSystemErrorName } from 'node:util';
import { loadNodeFfi } from './node-ffi.ts';

export interface ProcessEnd {
  readonly pid: number;
  /** As a shell reports it: of a signal 128 and its number. */
  readonly status: number;
}

export interface Libc {
  /** Children of children that have ended become children of this process. */
  becomeSubreaper(): void;
  /** One child that has ended: any, or this one. It stays to be collected. */
  peekEnded(pid?: number): ProcessEnd | undefined;
  /** Takes a child that has ended out of the table of processes. */
  collect(pid: number): ProcessEnd | undefined;
  mount(mount: { source: string; target: string; type: string; flags: number; data: string }): void;
  /** Also when it is in use: it goes when it is not any more. */
  unmount(target: string): void;
}

// Numbers of the Linux ABI, equal on x86-64 and arm64.
const PR_SET_CHILD_SUBREAPER = 36;
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 0x1;
const WEXITED = 0x4;
const WNOWAIT = 0x01000000;
const CLD_EXITED = 1;
const MNT_DETACH = 2;

/** `siginfo_t`, and in it, as 32-bit words: si_code, si_pid, si_status. */
const SIGINFO_BYTES = 128;
const SI_CODE = 2;
const SI_PID = 4;
const SI_STATUS = 6;

const SIGNAL_BASE = 128;

const SIGNATURES = {
  prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
  waitid: { arguments: ['i32', 'u32', 'u64', 'i32'], return: 'i32' },
  mount: { arguments: ['string', 'string', 'string', 'u64', 'string'], return: 'i32' },
  umount2: { arguments: ['string', 'i32'], return: 'i32' },
  __errno_location: { arguments: [], return: 'u64' },
} as const;

export function loadLibc(): Libc {
  const ffi = loadNodeFfi();
  // Symbols that this process already has: Node is linked to the C library.
  const { functions } = ffi.dlopen(null, SIGNATURES);
  const info = new Int32Array(SIGINFO_BYTES / Int32Array.BYTES_PER_ELEMENT);
  const infoAddress = ffi.getRawPointer(info);

  function failed(call: string, path?: string): Error {
    const name = getSystemErrorName(-ffi.getInt32(functions.__errno_location()));
    const error: NodeJS.ErrnoException = new Error(`${name}: ${call}${path === undefined ? '' : ` '${path}'`}`);
    error.code = name;
    return error;
  }

  function wait(pid: number | undefined, flags: number): ProcessEnd | undefined {
    info.fill(0);
    const kind = pid === undefined ? P_ALL : P_PID;
    // Fails when there is no such child, which to the caller is the same as none that has ended.
    const result = functions.waitid(kind, pid ?? 0, infoAddress, WNOHANG | WEXITED | flags);
    const found = info[SI_PID] ?? 0;
    if (result !== 0 || found === 0) {
      return undefined;
    }
    const status = info[SI_STATUS] ?? 0;
    return { pid: found, status: info[SI_CODE] === CLD_EXITED ? status : SIGNAL_BASE + status };
  }

  return {
    becomeSubreaper() {
      if (functions.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0) {
        throw failed('prctl');
      }
    },
    peekEnded: (pid) => wait(pid, WNOWAIT),
    collect: (pid) => wait(pid, 0),
    mount({ source, target, type, flags, data }) {
      if (functions.mount(source, target, type, BigInt(flags), data) !== 0) {
        throw failed('mount', target);
      }
    },
    unmount(target) {
      if (functions.umount2(target, MNT_DETACH) !== 0) {
        throw failed('umount', target);
      }
    },
  };
}
