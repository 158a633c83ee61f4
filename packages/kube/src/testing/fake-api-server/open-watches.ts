// The watches that are open: events written as lines, bookmarks from time to time, an end after `timeoutSeconds`.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { OpenWatch, SeenRequest } from './faults.ts';
import { cut, type HttpResponse } from './http-server.ts';
import { objectAt, type JsonObject } from './json.ts';
import type { Storage } from './storage.ts';
import type { Target } from './target.ts';
import { partial, WatchFeed, type FeedQuery } from './watch-feed.ts';

/** As the API server: every minute. */
const BOOKMARK_MS = 60_000;
/** As the API server: half an hour to an hour. */
const TIMEOUT_S = 1800;

export interface WatchAsked {
  readonly request: SeenRequest;
  readonly target: Target;
  readonly query: FeedQuery;
  readonly isPartial: boolean;
  readonly timeoutSeconds: number;
}

export class OpenWatches {
  readonly #clock: Clock;
  readonly #open = new Set<OpenWatch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  all(): readonly OpenWatch[] {
    return [...this.#open];
  }

  /** Throws before anything is written when the query is not valid. */
  begin(storage: Storage, asked: WatchAsked, response: HttpResponse): void {
    const { request, target, query, isPartial } = asked;
    let isFrozen = false;
    let held = '';
    let losesNext = false;
    const http = response as ServerResponse;
    const write = (text: string): void => {
      if (isFrozen) {
        held += text;
      } else {
        http.write(text);
      }
    };
    const sendEvent = (event: JsonObject): void => write(`${JSON.stringify(event)}\n`);
    const feed = new WatchFeed(storage, target, query, (event) => {
      if (losesNext) {
        losesNext = false;
        return;
      }
      sendEvent(
        isPartial && event['type'] !== 'ERROR' ? { ...event, object: partial(objectAt(event['object'])) } : event,
      );
    });
    const close = (): void => {
      feed.end();
      cancelBookmark();
      cancelTimeout();
      this.#open.delete(open);
    };
    const end = (): void => {
      close();
      http.end();
    };
    const bookmarkLater = (): (() => void) =>
      this.#clock.after(BOOKMARK_MS, () => {
        feed.bookmark();
        cancelBookmark = bookmarkLater();
      });
    let cancelBookmark = bookmarkLater();
    const cancelTimeout = this.#clock.after((asked.timeoutSeconds || TIMEOUT_S) * 1000, () => {
      feed.bookmark();
      end();
    });
    const open: OpenWatch = {
      request,
      freeze: () => (isFrozen = true),
      thaw() {
        isFrozen = false;
        http.write(held);
        held = '';
      },
      end,
      cut() {
        close();
        cut(response);
      },
      loseNext: () => (losesNext = true),
      bookmark: () => feed.bookmark(),
      sendEvent,
      sendText: write,
    };
    this.#open.add(open);
    response.once('close', close);
    response.on('error', close);
    http.writeHead(200, { 'content-type': 'application/json' });
    // The head must go out although nothing follows yet.
    http.flushHeaders?.();
    if (!feed.begin()) {
      end();
    }
  }
}
