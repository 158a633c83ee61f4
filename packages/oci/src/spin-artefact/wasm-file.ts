// Whether a file may be pushed as a component: a component, a core module, or the text of either. Pure.

const PREAMBLE_BYTES = 8; // Magic, version and layer (component-model Binary.md, "Component Definitions").
const MAGIC = '0061736d';
const CORE_MODULE = `${MAGIC}01000000`;
const COMPONENT = `${MAGIC}0d000100`;

/** Of its first bytes. */
export function isWasmBinary(head: Buffer): boolean {
  const preamble = head.subarray(0, PREAMBLE_BYTES).toString('hex');
  return preamble === CORE_MODULE || preamble === COMPONENT;
}

/** Text whose first token opens a module or a component; blanks and comments may come before it. */
export function isWasmText(bytes: Buffer): boolean {
  if (bytes.includes(0)) {
    return false;
  }
  const text = bytes.toString('utf8');
  let at = 0;
  for (;;) {
    const rest = text.slice(at, at + 2);
    if (/^\s/.test(rest)) {
      at += 1;
    } else if (rest === ';;') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (rest === '(;') {
      at = endOfBlockComment(text, at);
    } else {
      return /^\(\s*(?:module|component)[\s()]/.test(text.slice(at, at + 200)); // Room for any sane blank before the word.
    }
  }
}

/** Block comments nest (WebAssembly specification, text format, "Comments"). */
function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  for (const match of text.slice(start).matchAll(/\(;|;\)/g)) {
    depth += match[0] === '(;' ? 1 : -1;
    if (depth === 0) {
      return start + match.index + 2;
    }
  }
  return text.length;
}
