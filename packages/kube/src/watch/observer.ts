// What a watch tells whoever counts and logs (names are the operator's).

export interface WatchObserver {
  /** A request goes out: pages of a list, a streaming list, a watch from a known version. */
  asked?(how: 'list' | 'streaming-list' | 'watch'): void;
  /** What was asked has failed; the next request goes out after `retryMs`. */
  failed?(error: Error, retryMs: number): void;
  /** Beside `failed`: a line could not be read (kube-client 8). */
  badLine?(excerpt: string): void;
  /** Who keeps the objects has thrown: a bug. The reflector goes on. */
  keeperFailed?(error: unknown): void;
}
