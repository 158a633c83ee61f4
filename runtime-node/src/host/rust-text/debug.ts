// Text as Rust's `{:?}` writes it: guests get such texts from Spin, and some compare them.

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

/** What Rust does not print as it is: control and format characters, separators but the space, and what is no character. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const ESCAPED = /["\\\n\r\t\0]|\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}|\p{Zl}|\p{Zp}|(?! )\p{Zs}/gu;

export const debugString = (text: string): string =>
  `"${text.replaceAll(ESCAPED, (found) => ESCAPES[found] ?? `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)}"`;

export const debugOption = (text: string | undefined): string =>
  text === undefined ? 'None' : `Some(${debugString(text)})`;

/** An anyhow::Error: the message, then what it came from. */
export function debugChain(message: string, ...causes: readonly string[]): string {
  if (causes.length === 0) {
    return message;
  }
  const numbered = causes.length > 1;
  const lines = causes.map((cause, i) => (numbered ? `${String(i).padStart(5)}: ${cause}` : `    ${cause}`));
  return `${message}\n\nCaused by:\n${lines.join('\n')}`;
}
