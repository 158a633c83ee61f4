// What a watch says, one line each (kube-client 6, 8). Nothing here decides what follows from it.
import type { KubeObject } from '../client/resource.ts';
import type { ApiError } from '../transport/errors.ts';
import { apiErrorOf } from '../transport/status.ts';

/** An object as a watch or a list brings it: where it is and which state of it this is are known. */
export interface Observed extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T & Observed }
  /** Nothing has changed up to this version. `endsInitialEvents`: all that was there has been told. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly endsInitialEvents: boolean }
  | { readonly type: 'ERROR'; readonly error: ApiError };

/** A line that is no event: a proxy's page, half an object, a bug. */
export class BadLine extends Error {
  override readonly name = 'BadLine';
  /** Its first 200 bytes, for the log (kube-client 8). */
  readonly excerpt: string;

  constructor(message: string, line: Uint8Array, cause?: unknown) {
    super(message, { cause });
    this.excerpt = Buffer.from(line.subarray(0, EXCERPT_BYTES)).toString('utf8');
  }
}

/** kube-client 8. */
const EXCERPT_BYTES = 200;
/** KEP 3157. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Throws BadLine. The API server vouches for what an object has beside its metadata. */
export function readEvent<T>(line: Uint8Array): WatchEvent<T> {
  let event: unknown;
  try {
    event = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch (error) {
    throw new BadLine('a line of the watch is not JSON', line, error);
  }
  const object = isRecord(event) ? event['object'] : undefined;
  if (!isRecord(event) || !isRecord(object)) {
    throw new BadLine('a line of the watch is not an event', line);
  }
  if (event['type'] === 'ERROR') {
    return { type: 'ERROR', error: apiErrorOf(object, 500) };
  }
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const { resourceVersion } = metadata;
  if (!isText(resourceVersion)) {
    throw new BadLine('an event of the watch has no resource version', line);
  }
  switch (event['type']) {
    case 'BOOKMARK': {
      const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
      return { type: 'BOOKMARK', resourceVersion, endsInitialEvents: annotations[INITIAL_EVENTS_END] === 'true' };
    }
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (!isObserved(object)) {
        throw new BadLine('an object of the watch has no name or no uid', line);
      }
      return { type: event['type'], object: object as unknown as T & Observed };
    default:
      throw new BadLine('an event of the watch has a type that does not exist', line);
  }
}

export function isObserved(object: unknown): object is Observed {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  return (
    isRecord(metadata) && isText(metadata['name']) && isText(metadata['uid']) && isText(metadata['resourceVersion'])
  );
}
