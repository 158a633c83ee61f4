// Writes strings and keys of TOML as the operator of SpinKube does (go-toml v2.2.4 with its defaults; control-plane
// contract §2.10). The name of a Secret, and so whether pods are restarted, hangs on every byte.

/** `'…'` where that is possible, else `"…"`. */
export const tomlString = (text: string): string => (needsEscapes(text) ? quoted(text) : `'${text}'`);

export function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name);
}

/** Those that TOML forbids in a literal string, save for the tab; beyond ASCII nothing is. */
const isControl = (char: string): boolean => char < ' ' || char === '\u007f';

const needsEscapes = (text: string): boolean =>
  [...text].some((char) => char === "'" || (isControl(char) && char !== '\t'));

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const quoted = (text: string): string => `"${[...text].map(escaped).join('')}"`;

function escaped(char: string): string {
  const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
  return ESCAPES[char] ?? (isControl(char) ? `\\u00${code}` : char);
}
