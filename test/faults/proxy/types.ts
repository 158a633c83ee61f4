// Which faults the proxy can make, and what it writes down. It sees HTTP only, so it stands before any operator.

/** What is done to one mutating request; requests are counted from 1 in the order of their arrival. */
export interface WriteFault {
  readonly write: number;
  readonly action:
    | { readonly kind: 'kill-before' }
    | { readonly kind: 'kill-after' }
    /** The API server has done it, and the client never hears of it. */
    | { readonly kind: 'lose-reply' }
    /** The API server never sees it. */
    | { readonly kind: 'answer'; readonly status: Refusal }
    | { readonly kind: 'delay'; readonly ms: number };
}

/** What is done to the watches of one resource (`deployments`); events but bookmarks are counted from 1 over all of them. */
export interface WatchFault {
  readonly resource: string;
  readonly event: number;
  readonly action:
    /** Lost while the connection stays; nobody can notice that before the next list. `thaw` ends the watch as too old. */
    | { readonly kind: 'drop' }
    /** Lost with the connection. */
    | { readonly kind: 'cut' }
    | { readonly kind: 'duplicate' }
    /** Nothing more comes, and the connection stays, until `thaw`. */
    | { readonly kind: 'freeze' }
    /** The watch ends with the error that its resource version is too old. */
    | { readonly kind: 'expire' };
}

/**
 * Lists of the resource are answered with what the first one was answered with, until `thaw`: pages, and the initial events
 * of a watch, after which nothing more comes, as from a server that is behind.
 */
export interface StaleListFault {
  readonly staleList: string;
}

/** What is done to the next list of the resource, or to the next request that opens a watch of it. */
export interface ReadFault {
  readonly read: string;
  readonly action:
    | { readonly kind: 'answer'; readonly status: Refusal }
    | { readonly kind: 'delay'; readonly ms: number };
}

/** What the proxy says in the place of the API server; 429 and 503 come with a Retry-After of a second. */
export type Refusal = 409 | 410 | 429 | 500 | 503;

export type Fault = WriteFault | WatchFault | StaleListFault | ReadFault;

/** One mutating request, as it was. */
export interface TracedWrite {
  readonly number: number;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** First 16 hexadecimal digits of SHA-256. */
  readonly body: string;
  /** When it came, by this process's monotonic clock. */
  readonly at: number;
  /** Of the answer that the API server gave; undefined when it was not asked. */
  status: number | undefined;
}
