// One watch: which events it gets, in the server's order. Knows nothing of HTTP.
import { badRequest, expired, statusOf, apiError } from './answers.ts';
import { listAt, objectAt, textAt, type JsonObject } from './json.ts';
import { metadataOf } from './object-rules.ts';
import { storedAs } from './objects-api.ts';
import type { Selects } from './selectors.ts';
import { groupVersion } from './served-types.ts';
import type { Revision, Storage } from './storage.ts';
import type { Target } from './target.ts';

export interface FeedQuery {
  readonly selects: Selects;
  readonly resourceVersion: string;
  readonly match: string;
  readonly sendInitialEvents: boolean;
  readonly bookmarks: boolean;
}

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export class WatchFeed {
  readonly #storage: Storage;
  readonly #target: Target;
  readonly #query: FeedQuery;
  readonly #send: (event: JsonObject) => void;
  #stop: () => void = () => {};

  constructor(storage: Storage, target: Target, query: FeedQuery, send: (event: JsonObject) => void) {
    if (query.sendInitialEvents && (query.match !== 'NotOlderThan' || !query.bookmarks)) {
      throw apiError(
        422,
        'Invalid',
        'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents needs resourceVersionMatch=NotOlderThan and allowWatchBookmarks=true',
      );
    }
    if (!query.sendInitialEvents && query.match !== '') {
      throw badRequest('resourceVersionMatch is forbidden for watch');
    }
    this.#storage = storage;
    this.#target = target;
    this.#query = query;
    this.#send = send;
  }

  /** All that is due at once, and what comes from now on. False: the watch is over already. */
  begin(): boolean {
    const { resourceVersion, sendInitialEvents } = this.#query;
    const isFromLatest = resourceVersion === '' || resourceVersion === '0';
    if (isFromLatest || sendInitialEvents) {
      for (const [, object] of this.#storage.list(storedAs(this.#target.type))) {
        if (this.#isWithin(object)) {
          this.#send({ type: 'ADDED', object: this.#versioned(object) });
        }
      }
      if (sendInitialEvents) {
        this.#send(this.#bookmarkEvent({ [INITIAL_EVENTS_END]: 'true' }));
      }
    } else {
      const missed = this.#storage.since(Number(resourceVersion));
      if (missed === undefined) {
        const error = expired(`too old resource version: ${resourceVersion} (${this.#storage.compacted})`);
        this.#send({ type: 'ERROR', object: statusOf(error) });
        return false;
      }
      for (const revision of missed) {
        this.#tell(revision);
      }
    }
    this.#stop = this.#storage.listen((revision) => this.#tell(revision));
    return true;
  }

  end(): void {
    this.#stop();
  }

  bookmark(): void {
    if (this.#query.bookmarks) {
      this.#send(this.#bookmarkEvent({}));
    }
  }

  #bookmarkEvent(annotations: Readonly<Record<string, string>>): JsonObject {
    const { type } = this.#target;
    return {
      type: 'BOOKMARK',
      object: {
        kind: type.kind,
        apiVersion: groupVersion(type),
        metadata: {
          resourceVersion: String(this.#storage.revision),
          creationTimestamp: null,
          ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
        },
      },
    };
  }

  /** What leaves the selection is deleted for this watch, what enters it is new. */
  #tell({ revision, resource, before, after }: Revision): void {
    if (resource !== storedAs(this.#target.type)) {
      return;
    }
    const [was, is] = [before !== undefined && this.#isWithin(before), after !== undefined && this.#isWithin(after)];
    if (is && after !== undefined) {
      this.#send({ type: was ? 'MODIFIED' : 'ADDED', object: this.#versioned(after) });
    } else if (was && before !== undefined) {
      const metadata = { ...metadataOf(before), resourceVersion: String(revision) };
      this.#send({ type: 'DELETED', object: this.#versioned({ ...before, metadata }) });
    }
  }

  #isWithin(object: JsonObject): boolean {
    const { namespace, name } = this.#target;
    const metadata = metadataOf(object);
    return (
      (namespace === '' || metadata['namespace'] === namespace) &&
      (name === undefined || metadata['name'] === name) &&
      this.#query.selects(object)
    );
  }

  #versioned(object: JsonObject): JsonObject {
    return { ...object, apiVersion: groupVersion(this.#target.type) };
  }
}

/** What a client gets that asks for metadata only. */
export const partial = (object: JsonObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: objectAt(object['metadata']),
});

export const partialList = (list: JsonObject): JsonObject => ({
  kind: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  metadata: list['metadata'],
  items: listAt(list['items']).map((item) => partial(objectAt(item))),
});

export const asPartial = (accept: string): boolean => /as=PartialObjectMetadata/.test(textAt(accept));
