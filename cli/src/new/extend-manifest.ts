// Puts snippets of a template into the text of an existing spin.toml. What is there stays as it is, to the last comment
// and blank: nothing is parsed and written anew. The result is checked as a whole manifest before anyone sees it.
import { parseManifest, readToml } from '@spindle/api';
import { manifestTooOld } from '../errors.ts';

export interface Snippets {
  /** Tables to append. */
  readonly component?: string;
  readonly applicationTrigger?: string;
  /** Entries of the table `[variables]`. */
  readonly variables?: string;
}

/** `file` is for messages. Throws when the result is no sound manifest. */
export function extendManifest(text: string, snippets: Snippets, file: string): string {
  const { manifest } = parseManifest(text, file);
  if (manifest.writtenVersion === 1) {
    throw manifestTooOld(file);
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const withVariables = addVariables(text, snippets.variables ?? '', newline);
  const parts = [withVariables, snippets.applicationTrigger ?? '', snippets.component ?? ''];
  const extended = `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join(newline.repeat(2))}${newline}`.replaceAll(/\r?\n/g, newline);
  parseManifest(extended, file);
  return extended;
}

/** Below the header of the table, if there is one. Names that exist keep their meaning. */
function addVariables(text: string, snippet: string, newline: string): string {
  const known = readToml(text, 'spin.toml', 'SPK5012').table().get('variables')?.table();
  const lines = snippet.split(/\r?\n/).filter((line) => {
    const name = /^\s*([\w-]+)\s*=/.exec(line)?.[1];
    return line.trim() !== '' && (name === undefined || known?.get(name) === undefined);
  });
  if (lines.length === 0) {
    return text;
  }
  const header = /^[ \t]*\[[ \t]*variables[ \t]*\][^\n]*$/m;
  const added = lines.join(newline);
  return header.test(text)
    ? text.replace(header, (found) => `${found.replace(/\r$/, '')}${newline}${added}`)
    : `${text.trimEnd()}${newline.repeat(2)}[variables]${newline}${added}`;
}

/** Whether a dotted path leads to something in the manifest. */
export function hasEntry(text: string, path: string, file: string): boolean {
  let node = readToml(text, file, 'SPK1001');
  for (const name of path.split('.')) {
    const next = node.isTable() ? node.table().get(name) : undefined;
    if (next === undefined) {
      return false;
    }
    node = next;
  }
  return true;
}
