// node:ffi without its warning. It is experimental and Spindle is made for one line of Node, so that to the users of
// Spindle the warning says nothing that they could act on.
import type * as NodeFfi from 'node:ffi';

/** Throws where this Node does not have it, or was started with permissions that exclude it. */
export function loadNodeFfi(): typeof NodeFfi {
  const { emitWarning } = process;
  // Node warns while the module is loaded for the first time, that is within the next call.
  process.emitWarning = function emitOthers(warning: string | Error, ...rest: unknown[]): void {
    if (rest[0] !== 'ExperimentalWarning') {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    // Undefined, whatever its type says, in versions of Node before 26.1.
    const ffi = process.getBuiltinModule('node:ffi') as typeof NodeFfi | undefined;
    if (ffi === undefined) {
      throw new Error(`Node ${process.version} has no node:ffi`);
    }
    return ffi;
  } finally {
    process.emitWarning = emitWarning;
  }
}
