// Another descriptor of the same socket, which Node has no call for: fcntl of the C library, as the runtime's threads
// duplicate theirs. Linux only, as node:ffi's numbers here are.
import type * as NodeFfi from 'node:ffi';

/** F_DUPFD_CLOEXEC of Linux, on all its platforms. */
const F_DUPFD_CLOEXEC = 1030;

/** What opens libraries; Node's own unless a test says otherwise. */
type Ffi = Pick<typeof NodeFfi, 'dlopen'>;

export function duplicateDescriptor(fd: number, ffi: Ffi = nodeFfi()): number {
  const { functions } = ffi.dlopen(null, { fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' } });
  const duplicate = functions.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    throw new Error('the listening socket cannot be handed over: no descriptor is left');
  }
  return duplicate;
}

/** Without its warning that it is experimental, which tells a user of Spindle nothing to act on. */
function nodeFfi(): Ffi {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}
