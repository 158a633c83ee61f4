// What the API server makes of an object that is written: which of its metadata it sets itself, what belongs to the status,
// what counts as a change. Pure.
import { conflict, invalid, MODIFIED, badRequest } from './answers.ts';
import { isSame, listAt, objectAt, textAt, without, type JsonObject } from './json.ts';
import { groupVersion, resourceName, type ServedType } from './served-types.ts';

export const metadataOf = (object: JsonObject): JsonObject => objectAt(object['metadata']);
export const nameOf = (object: JsonObject): string => textAt(metadataOf(object)['name']);

/** RFC 1123, which is what nearly every type asks for. */
const NAME = /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/;
const MAX_NAME_LENGTH = 253;

export function checkName(type: ServedType, name: string): void {
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) {
    throw invalid(
      type.kind,
      name,
      'metadata.name',
      `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain`,
    );
  }
}

export function checkKind(type: ServedType, body: JsonObject): void {
  const [apiVersion, kind] = [body['apiVersion'] ?? groupVersion(type), body['kind'] ?? type.kind];
  if (apiVersion !== groupVersion(type) || kind !== type.kind) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${groupVersion(type)}), or the kind (${String(kind)}) the expected kind (${type.kind})`,
    );
  }
}

export function checkPlace(type: ServedType, body: JsonObject, namespace: string, name?: string): void {
  const metadata = metadataOf(body);
  if (type.namespaced && metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  if (name !== undefined && metadata['name'] !== undefined && metadata['name'] !== name) {
    throw badRequest(
      `the name of the object (${String(metadata['name'])}) does not match the name on the URL (${name})`,
    );
  }
}

/** Optimistic locking: whoever says which state or which object is meant gets no other. */
export function checkPreconditions(
  type: ServedType,
  live: JsonObject,
  preconditions: JsonObject,
  isDelete = false,
): void {
  const metadata = metadataOf(live);
  const { uid, resourceVersion } = preconditions;
  if (typeof uid === 'string' && uid !== '' && uid !== metadata['uid']) {
    throw conflict(
      resourceName(type),
      nameOf(live),
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${String(metadata['uid'])}`,
    );
  }
  if (
    typeof resourceVersion === 'string' &&
    resourceVersion !== '' &&
    resourceVersion !== metadata['resourceVersion']
  ) {
    throw conflict(
      resourceName(type),
      nameOf(live),
      isDelete
        ? `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${String(metadata['resourceVersion'])}`
        : MODIFIED,
    );
  }
}

/** A patch says a version to be sure of the state, but a uid is something that cannot be changed. */
export function checkPatched(type: ServedType, live: JsonObject, next: JsonObject): void {
  const { uid, resourceVersion } = metadataOf(next);
  if (textAt(uid) !== '' && uid !== metadataOf(live)['uid']) {
    throw invalid(type.kind, nameOf(live), 'metadata.uid', `Invalid value: ${JSON.stringify(uid)}: field is immutable`);
  }
  checkPreconditions(type, live, { resourceVersion });
}

export interface Birth {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly time: string;
}

export function born(type: ServedType, body: JsonObject, { name, namespace, uid, time }: Birth): JsonObject {
  const metadata = without(
    metadataOf(body),
    'resourceVersion',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
    'selfLink',
  );
  return withSecretText(type, {
    ...(type.hasStatus ? without(body, 'status') : body),
    apiVersion: groupVersion(type),
    kind: type.kind,
    metadata: {
      ...metadata,
      name,
      ...(type.namespaced ? { namespace } : {}),
      uid,
      creationTimestamp: time,
      ...(type.hasGeneration ? { generation: 1 } : {}),
    },
  });
}

/** What only the API server sets. */
const SERVERS_OWN = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

const own = (metadata: JsonObject): JsonObject =>
  Object.fromEntries(SERVERS_OWN.flatMap((field) => (field in metadata ? [[field, metadata[field]]] : [])));

/** `next` in the place of `live`; through `status` nothing else changes, and the other way round. */
export function replacing(type: ServedType, live: JsonObject, next: JsonObject, subresource: string): JsonObject {
  if (subresource === 'status') {
    return { ...without(live, 'status'), ...('status' in next ? { status: next['status'] } : {}) };
  }
  const metadata = {
    ...without(metadataOf(next), ...SERVERS_OWN, 'managedFields', 'selfLink'),
    ...own(metadataOf(live)),
  };
  checkFinalizers(type, live, metadata);
  const kept = type.hasStatus
    ? { ...without(next, 'status'), ...('status' in live ? { status: live['status'] } : {}) }
    : next;
  const replaced: JsonObject = { ...kept, apiVersion: live['apiVersion'], kind: live['kind'], metadata };
  const written = withSecretText(type, replaced);
  const hasChanged = type.hasGeneration && !isSame(withoutMeta(live), withoutMeta(written));
  return hasChanged
    ? { ...written, metadata: { ...metadata, generation: Number(metadata['generation']) + 1 } }
    : written;
}

const withoutMeta = (object: JsonObject): JsonObject => without(object, 'metadata', 'status', 'apiVersion', 'kind');

function checkFinalizers(type: ServedType, live: JsonObject, metadata: JsonObject): void {
  const [before, after] = [listAt(metadataOf(live)['finalizers']), listAt(metadata['finalizers'])];
  if (isBeingDeleted(live) && after.some((finalizer) => !before.includes(finalizer))) {
    throw invalid(
      type.kind,
      nameOf(live),
      'metadata.finalizers',
      'Forbidden: no new finalizers can be added if the object is being deleted',
    );
  }
}

export const isBeingDeleted = (object: JsonObject): boolean => 'deletionTimestamp' in metadataOf(object);
export const hasFinalizers = (object: JsonObject): boolean => listAt(metadataOf(object)['finalizers']).length > 0;

/** As long as it has finalizers. */
export const marked = (
  type: ServedType,
  object: JsonObject,
  time: string,
  finalizers: readonly string[],
): JsonObject => {
  const metadata = metadataOf(object);
  return {
    ...object,
    metadata: {
      ...metadata,
      finalizers: [...new Set([...listAt(metadata['finalizers']), ...finalizers])],
      deletionTimestamp: metadata['deletionTimestamp'] ?? time,
      deletionGracePeriodSeconds: 0,
      ...(type.hasGeneration && !isBeingDeleted(object) ? { generation: Number(metadata['generation']) + 1 } : {}),
    },
  };
};

/** Nothing to store: neither the object nor who owns its fields has changed. When fields were owned does not count. */
export function isUnchanged(live: JsonObject, next: JsonObject): boolean {
  return isSame(comparable(live), comparable(next));
}

function comparable(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  const managedFields = listAt(metadata['managedFields']).map((entry) => without(objectAt(entry), 'time'));
  return { ...object, metadata: { ...without(metadata, 'resourceVersion'), managedFields } };
}

/** `stringData` of a Secret is for writing only. */
function withSecretText(type: ServedType, object: JsonObject): JsonObject {
  if (resourceName(type) !== 'secrets') {
    return object;
  }
  const text = Object.entries(objectAt(object['stringData'])).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = { ...objectAt(object['data']), ...Object.fromEntries(text) };
  return {
    ...without(object, 'stringData', 'data'),
    ...(Object.keys(data).length > 0 ? { data } : {}),
    type: object['type'] ?? 'Opaque',
  };
}
