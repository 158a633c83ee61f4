// The values of `--variable`: `key=value`, `key=@file`, `@file.json`, `@file.toml` (spin-contract.md §5.2).
// Error texts name keys and files, never values.
import type { DocumentNode } from '../document/document-node.ts';
import { readJson } from '../document/json-document.ts';
import { type ErrorCode, UserError } from '../errors.ts';
import { readToml } from '../toml/toml-document.ts';

/** Later arguments win. `readFile` gives a file's whole text, or throws a UserError. */
export function parseVariableArguments(
  values: readonly string[],
  readFile: (path: string) => string,
): ReadonlyMap<string, string> {
  return new Map(values.flatMap((value) => [...parseVariableArgument(value, readFile)]));
}

function parseVariableArgument(value: string, readFile: (path: string) => string): ReadonlyMap<string, string> {
  if (value.startsWith('@')) {
    const file = value.slice(1);
    return readVariableFile(file, readFile);
  }
  const equals = value.indexOf('=');
  if (equals === -1) {
    throw new UserError("variables must be in the form 'key=value' or '@file'", {
      code: 'SPK1006',
      field: '--variable',
      remedy: 'Write --variable key=value, --variable key=@file, --variable @file.json or --variable @file.toml.',
    });
  }
  const text = value.slice(equals + 1);
  return new Map([[value.slice(0, equals), text.startsWith('@') ? readFile(text.slice(1)) : text]]);
}

function readVariableFile(file: string, readFile: (path: string) => string): ReadonlyMap<string, string> {
  const read = file.endsWith('.json') ? readJson : file.endsWith('.toml') ? readSecretToml : undefined;
  if (read === undefined) {
    throw new UserError('variable files must end in .json or .toml', {
      code: 'SPK1006',
      file,
      field: '--variable',
      remedy: 'Rename the file; for the value of one variable out of a file write --variable key=@file.',
    });
  }
  const entries = read(readFile(file), file, 'SPK1010').table().entries();
  return new Map(
    entries.map(([name, { value }]) => {
      if (typeof value !== 'string') {
        throw new UserError(`the value of ${JSON.stringify(name)} is not a string`, {
          code: 'SPK1010',
          file,
          field: name,
          remedy: 'Put the value in quotes: a variable file is a flat map of strings.',
        });
      }
      return [name, value];
    }),
  );
}

/** The usual error shows the line, and with it perhaps a secret. */
function readSecretToml(text: string, file: string, code: ErrorCode): DocumentNode {
  try {
    return readToml(text, file, code);
  } catch (error) {
    throw error instanceof UserError
      ? new UserError('not valid TOML', { code, ...error.place, remedy: 'Correct the TOML syntax there.' })
      : error;
  }
}
