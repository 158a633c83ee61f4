// node:ffi without its warning that it is experimental, which nobody reads in the log of a node.
import type * as NodeFfi from 'node:ffi';

/** Throws where this Node does not have it. */
export function loadNodeFfi(): typeof NodeFfi {
  const { emitWarning } = process;
  // Node warns while the module is loaded for the first time, that is within the next call.
  process.emitWarning = function ignoreExperimental(warning: string | Error, ...rest: unknown[]): void {
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
