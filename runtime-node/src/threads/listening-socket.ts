// The one listening socket of all serving threads. Each accepts by a descriptor of its own, a duplicate of the first.
//
// Tried on Node 26 with two threads and keep-alive connections: of 5 connections they took 4 and 2, of 50 they took 29
// and 22 (wrk opens one more); with one connection the requests stay on one thread. `terminate()` closes the thread's
// descriptor and no other, and the socket served on without a refused connection. Sockets of their own by SO_REUSEPORT
// would be hashed by address, five connections to five by chance, and those in the queue of a dead thread be lost.
import { loadNodeFfi } from '../ffi/node-ffi.ts';

/** F_DUPFD_CLOEXEC of Linux, on all its platforms. */
const F_DUPFD_CLOEXEC = 1030;

/** Another descriptor of the same socket. Node has no call for that. */
export function duplicateDescriptor(fd: number): number {
  // A call with a variable number of arguments, which integers do not mind on x86-64 and arm64.
  const { functions } = loadNodeFfi().dlopen(null, {
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  });
  const duplicate = functions.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    throw new Error('the listening socket cannot be shared between threads: no descriptor is left');
  }
  return duplicate;
}
