// Where in a TOML text each key and value stands. smol-toml gives no positions, so this reads the text once more, only
// when an error has to be shown. The text is known to be valid TOML; on any other it gives up quietly.
import type { DocumentPath } from '../document/document-node.ts';

/** Offsets into the text, in UTF-16 units; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface KeyAndValue {
  readonly key: Span;
  /** For a table that has a header, the header. */
  readonly value: Span;
}

export type SourceMap = ReadonlyMap<string, KeyAndValue>;

export const pathKey = (path: DocumentPath): string => JSON.stringify(path);

export function mapSource(text: string): SourceMap {
  const mapper = new SourceMapper(text);
  mapper.run();
  return mapper.places;
}

interface Key {
  readonly name: string;
  readonly span: Span;
}

class SourceMapper {
  readonly places = new Map<string, KeyAndValue>();
  readonly #text: string;
  readonly #arrayLengths = new Map<string, number>();
  #offset: number;
  #table: DocumentPath = [];

  constructor(text: string) {
    this.#text = text;
    this.#offset = text.startsWith('\u{FEFF}') ? 1 : 0;
  }

  run(): void {
    for (this.#skipBlank(); this.#offset < this.#text.length; this.#skipBlank()) {
      const before = this.#offset;
      if (this.#char() === '[') {
        this.#header();
      } else {
        this.#keyAndValue(this.#table);
      }
      if (this.#offset === before) {
        return; // not TOML: better no position than no end
      }
    }
  }

  #char(ahead = 0): string {
    return this.#text.charAt(this.#offset + ahead);
  }

  #header(): void {
    const start = this.#offset;
    const isArray = this.#char(1) === '[';
    this.#offset += isArray ? 2 : 1;
    const keys = this.#keys();
    this.#offset += isArray ? 2 : 1;
    const header = { start, end: this.#offset };
    let path: DocumentPath = [];
    for (const [index, key] of keys.entries()) {
      path = [...path, key.name];
      const isLast = index === keys.length - 1;
      const arrayKey = pathKey(path);
      const length = this.#arrayLengths.get(arrayKey);
      this.#note(path, { key: key.span, value: isLast ? header : key.span });
      if (isLast && isArray) {
        this.#arrayLengths.set(arrayKey, (length ?? 0) + 1);
        path = [...path, length ?? 0];
        this.places.set(pathKey(path), { key: key.span, value: header });
      } else if (isLast) {
        this.places.set(arrayKey, { key: key.span, value: header });
      } else if (length !== undefined) {
        path = [...path, length - 1];
      }
    }
    this.#table = path;
  }

  #keyAndValue(table: DocumentPath): void {
    const keys = this.#keys();
    this.#offset += 1; // `=`
    this.#skipSpace();
    let path = table;
    const start = this.#offset;
    const spans = keys.map((key) => key.span);
    for (const key of keys) {
      path = [...path, key.name];
    }
    this.#value(path);
    const value = { start, end: this.#offset };
    for (const [index, key] of spans.entries()) {
      this.#note(path.slice(0, table.length + index + 1), { key, value });
    }
  }

  /** The first mention of a path wins: later ones only extend the table. */
  #note(path: DocumentPath, place: KeyAndValue): void {
    const key = pathKey(path);
    if (!this.places.has(key)) {
      this.places.set(key, place);
    }
  }

  /** A dotted key, and the blanks behind it. */
  #keys(): Key[] {
    const keys: Key[] = [];
    do {
      if (keys.length > 0) {
        this.#offset += 1; // `.`
      }
      this.#skipSpace();
      keys.push(this.#key());
      this.#skipSpace();
    } while (this.#char() === '.');
    return keys;
  }

  #key(): Key {
    const start = this.#offset;
    const quote = this.#char();
    if (quote === '"' || quote === "'") {
      this.#string();
      const span = { start, end: this.#offset };
      return { name: unquote(this.#text.slice(start, this.#offset)), span };
    }
    this.#skipWhile((char) => !' \t\r\n.=]'.includes(char));
    return { name: this.#text.slice(start, this.#offset), span: { start, end: this.#offset } };
  }

  #value(path: DocumentPath): void {
    const first = this.#char();
    if (first === '[') {
      this.#array(path);
    } else if (first === '{') {
      this.#inlineTable(path);
    } else if (first === '"' || first === "'") {
      this.#string();
    } else {
      // A date may have one blank in it (`1979-05-27 07:32:00`); its end is of no interest.
      this.#skipWhile((char) => !',]} \t\r\n#'.includes(char));
    }
  }

  #array(path: DocumentPath): void {
    this.#offset += 1;
    for (let index = 0; ; index += 1) {
      this.#skipBlank();
      if (this.#char() === ']' || this.#char() === '') {
        break;
      }
      const start = this.#offset;
      const item = [...path, index];
      this.#value(item);
      const span = { start, end: this.#offset };
      this.places.set(pathKey(item), { key: span, value: span });
      this.#skipBlank();
      if (this.#char() !== ',') {
        break;
      }
      this.#offset += 1;
    }
    this.#offset += 1;
  }

  #inlineTable(path: DocumentPath): void {
    this.#offset += 1;
    for (;;) {
      this.#skipBlank();
      if (this.#char() === '}' || this.#char() === '') {
        break;
      }
      this.#keyAndValue(path);
      this.#skipBlank();
      if (this.#char() !== ',') {
        break;
      }
      this.#offset += 1;
    }
    this.#offset += 1;
  }

  #string(): void {
    const quote = this.#char();
    const fence = this.#text.startsWith(quote.repeat(3), this.#offset) ? quote.repeat(3) : quote;
    this.#offset += fence.length;
    while (this.#offset < this.#text.length && !this.#text.startsWith(fence, this.#offset)) {
      this.#offset += this.#char() === '\\' && quote === '"' ? 2 : 1;
    }
    this.#offset += fence.length;
    // Up to two quotes before the closing three belong to the string.
    while (fence.length === 3 && this.#char() === quote) {
      this.#offset += 1;
    }
  }

  #skipSpace(): void {
    this.#skipWhile((char) => char === ' ' || char === '\t');
  }

  /** Blanks, line ends and comments. */
  #skipBlank(): void {
    for (;;) {
      this.#skipWhile((char) => ' \t\r\n'.includes(char));
      if (this.#char() !== '#') {
        return;
      }
      this.#skipWhile((char) => char !== '\n');
    }
  }

  #skipWhile(accepts: (char: string) => boolean): void {
    while (this.#offset < this.#text.length && accepts(this.#char())) {
      this.#offset += 1;
    }
  }
}

/** The text of a quoted key. An escape that JSON does not know makes the key unfindable, no more. */
function unquote(quoted: string): string {
  if (quoted.startsWith("'")) {
    return quoted.slice(1, -1);
  }
  try {
    return String(JSON.parse(quoted));
  } catch {
    // expected: TOML's own escapes (`\e`, `\U0001F600`); the error then points at the table instead of the key
    return quoted.slice(1, -1);
  }
}
