// The `outgoing-request` resource: what a guest wants to send; checked where it is set (spin-contract.md §3.10).
import { err, ok, type Result } from '../../../component/index.ts';
import type { Fields } from './fields.ts';
import { GET, type Method, type Scheme } from './method.ts';
import { OutgoingMessage } from './outgoing-message.ts';
import { isAuthority, isMethod, isPathWithQuery, isScheme } from './uri-syntax.ts';

type Accepted = Result<undefined, undefined>;

const ACCEPTED: Accepted = ok(undefined);
const REFUSED: Accepted = err(undefined);

export class OutgoingRequest extends OutgoingMessage {
  #method: Method = GET;
  #pathWithQuery: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;

  constructor(headers: Fields) {
    super('request', headers);
  }

  method(): Method {
    return this.#method;
  }

  setMethod(method: Method): Accepted {
    if (method.tag === 'other' && !isMethod(method.val)) {
      return REFUSED;
    }
    this.#method = method;
    return ACCEPTED;
  }

  pathWithQuery(): string | undefined {
    return this.#pathWithQuery;
  }

  setPathWithQuery(pathWithQuery: string | undefined): Accepted {
    if (pathWithQuery !== undefined && !isPathWithQuery(pathWithQuery)) {
      return REFUSED;
    }
    this.#pathWithQuery = pathWithQuery;
    return ACCEPTED;
  }

  scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): Accepted {
    if (scheme?.tag === 'other' && !isScheme(scheme.val)) {
      return REFUSED;
    }
    this.#scheme = scheme;
    return ACCEPTED;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): Accepted {
    if (authority !== undefined && !isAuthority(authority)) {
      return REFUSED;
    }
    this.#authority = authority;
    return ACCEPTED;
  }
}
