// `--sqlite`: SQL that is run before the app starts, written out or in a file (spin-contract.md §5.3).
import type { InitialStatements } from '@spindle/runtime';

const DEFAULT_LABEL = 'default';

/** The label of `@file:label` is what stands after the last colon, unless that is part of a path. */
const FILE = /^@(?<file>.+?)(?::(?<label>[^:/\\]+))?$/s;

export function parseSqlite(
  flags: readonly string[] = [],
  readFile: (path: string) => string,
): readonly InitialStatements[] {
  return flags.map((flag) => {
    const { file, label = DEFAULT_LABEL } = FILE.exec(flag)?.groups ?? {};
    return file === undefined
      ? { kind: 'statement', sql: flag }
      : { kind: 'file', file, label: label.trim(), sql: readFile(file) };
  });
}
