// What the garbage collector of the controller manager would do next. Pure; each step is followed by another look.
import { listAt, objectAt, type JsonObject } from './json.ts';
import { isBeingDeleted, metadataOf } from './object-rules.ts';
import type { ServedType } from './served-types.ts';

export interface Collectable {
  readonly type: ServedType;
  readonly object: JsonObject;
}

export interface Collection extends Collectable {
  /** `release`: take the finalizer away; `disown`: the owner of that uid is none any more. */
  readonly action: { readonly kind: 'delete' } | { readonly kind: 'release' | 'disown'; readonly what: string };
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

export function nextCollection(all: readonly Collectable[]): Collection | undefined {
  const uids = new Set(all.map(({ object }) => metadataOf(object)['uid']));
  for (const each of all) {
    const owners = ownerUids(each.object);
    if (isBeingDeleted(each.object)) {
      const next = releasing(each, all);
      if (next !== undefined) {
        return next;
      }
    } else if (owners.length > 0 && owners.every((uid) => !uids.has(uid))) {
      return { ...each, action: { kind: 'delete' } };
    }
  }
  return undefined;
}

/** An owner goes in the foreground after what it owns, and as the owner of orphans when it owns nothing any more. */
function releasing(owner: Collectable, all: readonly Collectable[]): Collection | undefined {
  const finalizers = listAt(metadataOf(owner.object)['finalizers']);
  const held = [FOREGROUND, ORPHAN].find((finalizer) => finalizers.includes(finalizer));
  if (held === undefined) {
    return undefined;
  }
  const uid = String(metadataOf(owner.object)['uid']);
  const owned = all.filter(({ object }) => ownerUids(object).includes(uid));
  if (owned.length === 0) {
    return { ...owner, action: { kind: 'release', what: held } };
  }
  if (held === ORPHAN) {
    return owned.map((each) => ({ ...each, action: { kind: 'disown', what: uid } as const })).at(0);
  }
  const next = owned.find(({ object }) => !isBeingDeleted(object));
  return next === undefined ? undefined : { ...next, action: { kind: 'delete' } };
}

const ownerUids = (object: JsonObject): readonly unknown[] =>
  listAt(metadataOf(object)['ownerReferences']).map((reference) => objectAt(reference)['uid']);
