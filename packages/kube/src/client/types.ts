// What the client can do with objects. Each call is one request (pages: one each), with a deadline; none is tried again here.
import type { ByteStream } from '../transport/types.ts';
import type { KubeObject, ObjectName, ResourceType } from './resource.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** 30 s when absent. */
  readonly deadlineMs?: number;
}

export interface Selection {
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends CallOptions, Selection {
  /** Objects in one page; 500 when absent. */
  readonly limit?: number;
  /** `0`: whatever the server's cache holds. Absent: the latest, by quorum. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Metadata only (PartialObjectMetadata). */
  readonly metadataOnly?: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Of the list: where a watch may begin. The same on all pages. */
  readonly resourceVersion: string;
  /** Another page follows. */
  readonly continue: string | undefined;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  /** Where to begin; absent for a streaming list from the latest. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan';
  /** First all objects there are, then a bookmark with `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly metadataOnly?: boolean;
}

export interface WriteOptions extends CallOptions {
  /** Everything is checked and nothing is stored. */
  readonly dryRun?: boolean;
  /** That of the client when absent. */
  readonly fieldManager?: string;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from other managers; without it they are a 409 whose causes name them. */
  readonly force?: boolean;
}

export type PatchKind = 'merge' | 'json' | 'strategic';

export interface DeleteOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** Anything else of this name stays: 409. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

/** An object as it is applied: its kind and version come from the resource. */
export type Intent<T extends KubeObject> = Partial<Omit<T, 'metadata'>> & {
  readonly metadata: Partial<T['metadata']> & ObjectName;
};

export interface KubeClient {
  /** Read from etcd, never from a cache. 404 is an ApiError; `find` says undefined instead. */
  get<T extends KubeObject>(type: ResourceType<T>, name: ObjectName, options?: CallOptions): Promise<T>;
  find<T extends KubeObject>(type: ResourceType<T>, name: ObjectName, options?: CallOptions): Promise<T | undefined>;
  /** One page; the token is that of the page before. An expired token is an ApiError of 410 (`isExpired`). */
  page<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions, token?: string): Promise<Page<T>>;
  /** All pages, of one state: begins anew when a token has expired. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /** Lines of JSON, one event each; what splits and reads them is not here. */
  watch(type: ResourceType, options?: WatchOptions): Promise<ByteStream>;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** PUT: refused with 409 when the object has changed since its `resourceVersion`. */
  replace<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    kind: PatchKind,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(type: ResourceType<T>, intent: Intent<T>, options?: ApplyOptions): Promise<T>;
  applyStatus<T extends KubeObject>(type: ResourceType<T>, intent: Intent<T>, options?: ApplyOptions): Promise<T>;
  /** Merge patch on the status subresource. */
  patchStatus<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    status: unknown,
    options?: WriteOptions & { readonly resourceVersion?: string },
  ): Promise<T>;
  /** False when there is none of this name. */
  delete(type: ResourceType, name: ObjectName, options?: DeleteOptions): Promise<boolean>;
  scale(type: ResourceType, name: ObjectName, replicas: number, options?: WriteOptions): Promise<Scale>;
  getScale(type: ResourceType, name: ObjectName, options?: CallOptions): Promise<Scale>;
}

/** Of autoscaling/v1. */
export interface Scale {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}
