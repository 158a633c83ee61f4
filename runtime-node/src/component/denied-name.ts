// Names of the functions that stand for what a dependency was not granted (compose/deny.ts), so that the trap of a call can
// say whose it was, here and in any runtime that prints the names of functions.
import { UserError } from '@spindle/api';

const MARK = 'denied:';

/** Name of the core function; `func` is absent for what only writes the arguments. */
export const deniedName = (importName: string, func?: string): string =>
  `${MARK}${importName}${func === undefined || func === importName ? '' : `#${func}`}`;

/** The innermost frame of V8's stack trace, and nothing that could not be a WIT name. */
const INNERMOST = /^[^\n]*\n\s+at (?:\S+\.)?denied:([\w:/@.+#-]{1,200}) \(wasm:/;

/** A trap of such a function as an error that says what was called; anything else as it is. */
export function explainDenial(error: unknown): unknown {
  if (!(error instanceof WebAssembly.RuntimeError)) {
    return error;
  }
  const [, called] = INNERMOST.exec(error.stack ?? '') ?? [];
  return called === undefined
    ? error
    : new UserError(`a dependency called ${called}, which it does not inherit from its component (unreachable)`, {
        code: 'SPK4063',
        remedy: "Name what it needs in the dependency's `inherit_configuration`.",
        cause: error,
      });
}
