// The program of a pod's pause container, and the first process of a node: waits for SIGTERM or SIGINT, lets the kernel
// collect children that have ended, does nothing else. A static ELF file of a few instructions written here, so that no
// compiler is needed.
//
//   rt_sigaction(SIGCHLD, {SIG_IGN})            children that end are collected by the kernel
//   rt_sigprocmask(SIG_BLOCK, {TERM, INT})      a blocked signal is kept even for a first process, which ignores others
//   while (rt_sigtimedwait({TERM, INT}) < 0);   interrupted by other signals
//   exit_group(0)

/** Fixed place of the file in memory; both architectures can have it there. */
const BASE = 0x400000;
const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const HEADERS_BYTES = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;

/** Data stands right behind the headers: struct kernel_sigaction with handler SIG_IGN (1), then the set of signals. */
const ACTION = BASE + HEADERS_BYTES;
const ACTION_BYTES = 32;
const SIGNALS = ACTION + ACTION_BYTES;
const SIGNALS_BYTES = 8;
const ENTRY = SIGNALS + SIGNALS_BYTES;

const SIG_IGN = 1;
const SIGINT = 2;
const SIGTERM = 15;
const SIGCHLD = 17;
const SIG_BLOCK = 0;

interface Machine {
  /** e_machine of the ELF header. */
  readonly id: number;
  /** Numbers of rt_sigaction, rt_sigprocmask, rt_sigtimedwait, exit_group. */
  readonly calls: readonly [number, number, number, number];
  /** Calls the kernel with up to four arguments. */
  call(number: number, args: readonly number[]): Buffer;
  /** Goes back by so many bytes, counted from its own first, when the last call failed. */
  backIfFailed(bytes: number): Buffer;
}

const word32 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];

const X64: Machine = {
  id: 62,
  calls: [13, 14, 128, 231],
  call(number, args) {
    // mov r32, imm32 of edi, esi, edx, r10d, then eax; syscall
    const registers = [[0xbf], [0xbe], [0xba], [0x41, 0xba]];
    const moves = args.flatMap((value, index) => [...(registers[index] ?? []), ...word32(value)]);
    return Buffer.from([...moves, 0xb8, ...word32(number), 0x0f, 0x05]);
  },
  // test eax, eax; js rel8, counted from behind it
  backIfFailed: (bytes) => Buffer.from([0x85, 0xc0, 0x78, -(bytes + 4) & 0xff]),
};

const movz = (register: number, value: number): number => (0xd2800000 | ((value & 0xffff) << 5) | register) >>> 0;
/** The upper half of 32 bits. */
const movk = (register: number, value: number): number => (0xf2a00000 | ((value >>> 16) << 5) | register) >>> 0;
const SVC = 0xd4000001;

const ARM64: Machine = {
  id: 183,
  calls: [134, 135, 137, 94],
  call(number, args) {
    const moves = args.flatMap((value, index) => [movz(index, value), movk(index, value)]);
    return Buffer.from([...moves, movz(8, number), SVC].flatMap(word32));
  },
  // tbnz w0, #31, offset in words
  backIfFailed: (bytes) => Buffer.from(word32((0x37f80000 | ((-(bytes / 4) & 0x3fff) << 5)) >>> 0)),
};

export function pauseProgram(architecture: NodeJS.Architecture = process.arch): Buffer {
  const machine = architecture === 'arm64' ? ARM64 : X64;
  const [sigaction, sigprocmask, sigtimedwait, exitGroup] = machine.calls;
  const wait = machine.call(sigtimedwait, [SIGNALS, 0, 0, SIGNALS_BYTES]);
  const code = Buffer.concat([
    machine.call(sigaction, [SIGCHLD, ACTION, 0, SIGNALS_BYTES]),
    machine.call(sigprocmask, [SIG_BLOCK, SIGNALS, 0, SIGNALS_BYTES]),
    wait,
    machine.backIfFailed(wait.length),
    machine.call(exitGroup, [0]),
  ]);
  const data = Buffer.alloc(ACTION_BYTES + SIGNALS_BYTES);
  data.writeBigUInt64LE(BigInt(SIG_IGN), 0);
  data.writeBigUInt64LE((1n << BigInt(SIGINT - 1)) | (1n << BigInt(SIGTERM - 1)), ACTION_BYTES);
  return Buffer.concat([headers(machine.id, HEADERS_BYTES + data.length + code.length), data, code]);
}

/** ELF64 little-endian executable with one segment: the whole file, readable and executable. */
function headers(machine: number, fileBytes: number): Buffer {
  const header = Buffer.alloc(HEADERS_BYTES);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16); // e_type: ET_EXEC
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20); // e_version
  header.writeBigUInt64LE(BigInt(ENTRY), 24);
  header.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32); // e_phoff
  header.writeUInt16LE(ELF_HEADER_BYTES, 52);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  header.writeUInt16LE(1, 56); // e_phnum
  const at = ELF_HEADER_BYTES;
  header.writeUInt32LE(1, at); // PT_LOAD
  header.writeUInt32LE(5, at + 4); // PF_R | PF_X
  header.writeBigUInt64LE(BigInt(BASE), at + 16); // p_vaddr
  header.writeBigUInt64LE(BigInt(BASE), at + 24); // p_paddr
  header.writeBigUInt64LE(BigInt(fileBytes), at + 32); // p_filesz
  header.writeBigUInt64LE(BigInt(fileBytes), at + 40); // p_memsz
  header.writeBigUInt64LE(0x10000n, at + 48); // p_align: the largest page of arm64
  return header;
}
