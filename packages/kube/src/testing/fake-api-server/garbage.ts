// What the garbage collector of the controller manager would delete next: an object all of whose owners have gone.
import { listAt, objectAt, type JsonObject } from './json.ts';
import { metadataOf } from './object-rules.ts';
import type { ServedType } from './served-types.ts';

export interface Collectable {
  readonly type: ServedType;
  readonly object: JsonObject;
}

export function collectGarbage(all: readonly Collectable[]): Collectable | undefined {
  const uids = new Set(all.map(({ object }) => metadataOf(object)['uid']));
  return all.find(({ object }) => {
    const owners = listAt(metadataOf(object)['ownerReferences']).map(objectAt);
    return (
      owners.length > 0 && owners.every(({ uid }) => !uids.has(uid)) && !('deletionTimestamp' in metadataOf(object))
    );
  });
}
