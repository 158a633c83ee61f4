// The `request` resource of WASI 0.3: one that came in, or one that a guest makes and sends.
import { err, ok, type Result } from '../../../component/index.ts';
import type { IncomingRequest as ReceivedRequest } from '../exchange.ts';
import { Fields } from '../types/fields.ts';
import { GET, methodOf, schemeOf, type Method, type Scheme } from '../types/method.ts';
import { isAuthority, isMethod, isPathWithQuery, isScheme } from '../types/uri-syntax.ts';
import { ReceivedContents, type Contents } from './contents.ts';
import { Message } from './message.ts';
import type { AsyncRequestOptions } from './request-options.ts';

type Accepted = Result<undefined, undefined>;

const ACCEPTED: Accepted = ok(undefined);
const REFUSED: Accepted = err(undefined);

export class Request extends Message {
  #method: Method = GET;
  #pathWithQuery: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  readonly options: AsyncRequestOptions | undefined;

  constructor(headers: Fields, contents: Contents, options?: AsyncRequestOptions) {
    super(headers, contents);
    this.options = options?.freeze();
  }

  static received({ method, pathWithQuery, scheme, authority, headers, body }: ReceivedRequest): Request {
    const request = new Request(Fields.received(headers), new ReceivedContents(body));
    request.#method = methodOf(method);
    request.#pathWithQuery = pathWithQuery ?? undefined;
    request.#scheme = schemeOf(scheme);
    request.#authority = authority;
    return request;
  }

  get method(): Method {
    return this.#method;
  }

  setMethod(method: Method): Accepted {
    if (method.tag === 'other' && !isMethod(method.val)) {
      return REFUSED;
    }
    this.#method = method;
    return ACCEPTED;
  }

  get pathWithQuery(): string | undefined {
    return this.#pathWithQuery;
  }

  setPathWithQuery(pathWithQuery: string | undefined): Accepted {
    if (pathWithQuery !== undefined && !isPathWithQuery(pathWithQuery)) {
      return REFUSED;
    }
    this.#pathWithQuery = pathWithQuery;
    return ACCEPTED;
  }

  get scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): Accepted {
    if (scheme?.tag === 'other' && !isScheme(scheme.val)) {
      return REFUSED;
    }
    this.#scheme = scheme;
    return ACCEPTED;
  }

  get authority(): string | undefined {
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
