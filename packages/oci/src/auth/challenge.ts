// Reads `www-authenticate`: a list of challenges, each a scheme with parameters or a token68 (RFC 9110 §11.6.1).
// Pure, and lenient: what cannot be read is left out, and the caller reports that nothing usable was offered.

export interface Challenge {
  /** Lower-case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const SPACE = /[ \t]*/y;
// Of schemes that no registry client answers (Negotiate); taken so that what follows it is found.
const TOKEN68 = /[0-9A-Za-z._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const SEPARATORS = /[ \t,]*/y;

/** Reads with sticky expressions, so that every step is linear in what it consumes. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  get at(): number {
    return this.#at;
  }

  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match === null) {
      return undefined;
    }
    this.#at = expression.lastIndex;
    return match;
  }

  takeText(text: string): boolean {
    const found = this.#text.startsWith(text, this.#at);
    this.#at += found ? text.length : 0;
    return found;
  }

  returnTo(at: number): void {
    this.#at = at;
  }
}

export function parseChallenges(header: string): Challenge[] {
  const cursor = new Cursor(header);
  const challenges: Challenge[] = [];
  cursor.take(SEPARATORS);
  while (!cursor.done) {
    const scheme = cursor.take(TOKEN)?.[0];
    if (scheme === undefined) {
      return challenges;
    }
    cursor.take(SPACE);
    cursor.take(TOKEN68);
    challenges.push({ scheme: scheme.toLowerCase(), parameters: parseParameters(cursor) });
    cursor.take(SEPARATORS);
  }
  return challenges;
}

function parseParameters(cursor: Cursor): Map<string, string> {
  const parameters = new Map<string, string>();
  for (;;) {
    const start = cursor.at;
    cursor.take(SEPARATORS);
    const name = cursor.take(TOKEN)?.[0];
    cursor.take(SPACE);
    if (name === undefined || !cursor.takeText('=')) {
      // Not `name=`: the next challenge begins here.
      cursor.returnTo(start);
      return parameters;
    }
    cursor.take(SPACE);
    const value = cursor.take(QUOTED)?.[1]?.replace(/\\([\s\S])/g, '$1') ?? cursor.take(TOKEN)?.[0];
    if (value === undefined) {
      cursor.returnTo(start);
      return parameters;
    }
    if (!parameters.has(name.toLowerCase())) {
      parameters.set(name.toLowerCase(), value);
    }
  }
}
