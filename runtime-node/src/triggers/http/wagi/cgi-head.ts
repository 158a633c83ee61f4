// The head of a CGI response (RFC 3875 §6; spin-contract.md §6.6): where it ends, and what it says. Pure.
import type { HeaderList } from '../../../host/http/exchange.ts';
import { isFieldValue, isForbidden, isToken, normalContentLength } from '../../../host/http/types/header-syntax.ts';

export interface CgiHead {
  readonly status: number;
  /** Names in lower case; without `content-length`. */
  readonly headers: HeaderList;
  /** What `content-length` says, if it says one number. */
  readonly length: number | undefined;
}

const CR = 13;
const LF = 10;

/** Finds the empty line that ends the head, in bytes that come in pieces. Carriage returns do not count. */
export class HeadEnd {
  #newline = false;

  /** Where the body begins in these bytes; undefined when the head goes on. */
  find(bytes: Uint8Array): number | undefined {
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte === LF && this.#newline) {
        return index + 1;
      }
      if (byte !== CR) {
        this.#newline = byte === LF;
      }
    }
    return undefined;
  }
}

/** Of these, the last one counts (as in Spin); all others may come several times. */
const SINGLE = ['content-type', 'location'];

/** RFC 9110 §15.4.3: what a location alone means (RFC 3875 §6.2.3). */
const FOUND = 302;
const BAD_GATEWAY = 502;

/**
 * `text` in latin1, one char per byte. Lines that are no header are passed over, and so is what only the host may say
 * about the connection. Undefined when there is neither a status, nor a location, nor a content type.
 */
export function parseHead(text: string): CgiHead | undefined {
  const single = new Map<string, string>();
  const others: [string, string][] = [];
  const lengths = new Set<string | undefined>();
  let status: number | undefined;
  for (const line of text.replaceAll('\r', '').split('\n')) {
    const colon = line.indexOf(':');
    const name = trim(line.slice(0, Math.max(colon, 0))).toLowerCase();
    const value = trim(line.slice(colon + 1));
    if (!isToken(name) || !isFieldValue(value) || isForbidden(name)) {
      continue;
    }
    if (name === 'status') {
      status = parseStatus(value);
    } else if (name === 'content-length') {
      lengths.add(normalContentLength(value));
    } else if (SINGLE.includes(name)) {
      single.set(name, value);
    } else {
      others.push([name, value]);
    }
  }
  if (status === undefined && single.size === 0) {
    return undefined;
  }
  const [length, ...more] = lengths;
  return {
    status: status ?? (single.has('location') ? FOUND : 200),
    headers: [...single, ...others],
    // Beyond 2^53 the number is inexact, but no body ever gets there.
    length: length === undefined || more.length > 0 ? undefined : Number(length),
  };
}

/** `404 Not Found`: the code, up to the first space. One that is none is the gateway's failure, as in Spin. */
function parseStatus(value: string): number {
  const [code = ''] = value.split(' ', 1);
  return /^[1-9]\d\d$/.test(code) ? Number(code) : BAD_GATEWAY;
}

/** Only what is white in ASCII: the other bytes may be a part of UTF-8. */
const trim = (text: string): string => text.replace(/^[ \t\v\f]+/, '').replace(/[ \t\v\f]+$/, '');
