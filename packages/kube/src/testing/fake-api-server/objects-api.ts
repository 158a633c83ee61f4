// What can be done with objects, without HTTP: each operation answers with an object or throws a FakeApiError.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { apiError, badRequest, conflict, expired, invalid, notFound } from './answers.ts';
import { nextCollection, type Collection } from './garbage.ts';
import { listAt, objectAt, textAt, valueAt, withValueAt, type JsonObject } from './json.ts';
import { applied, ownedByUpdate, type Writer } from './managed-fields.ts';
import {
  born,
  checkKind,
  checkName,
  checkPatched,
  checkPlace,
  checkPreconditions,
  hasFinalizers,
  isBeingDeleted,
  isUnchanged,
  marked,
  metadataOf,
  nameOf,
  replacing,
} from './object-rules.ts';
import { jsonPatched, mergePatched } from './patches.ts';
import type { Selects } from './selectors.ts';
import {
  BUILT_IN_TYPES,
  CRD_RESOURCE,
  customTypes,
  established,
  groupVersion,
  NAMESPACE_RESOURCE,
  resourceName,
  type ServedType,
} from './served-types.ts';
import { Storage } from './storage.ts';
import { merged, objectOf } from './structured.ts';
import type { Target } from './target.ts';

export type PatchForm = 'merge' | 'json' | 'strategic' | 'apply';

export interface WriteQuery {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly force: boolean;
}

export interface ListQuery {
  readonly selects: Selects;
  readonly limit: number;
  readonly token: string;
  readonly resourceVersion: string;
  readonly match: string;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

export interface ObjectsApiOptions {
  readonly clock: Clock;
  /** Objects go when their owners have gone, as the controller manager does it. */
  readonly collectsGarbage: boolean;
}

/** Those that a cluster has from its beginning. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

interface Token {
  readonly revision: number;
  readonly after: string;
}

export class ObjectsApi {
  readonly storage = new Storage();
  readonly #clock: Clock;
  readonly #collectsGarbage: boolean;
  #custom: readonly ServedType[] = [];

  constructor({ clock, collectsGarbage }: ObjectsApiOptions) {
    this.#clock = clock;
    this.#collectsGarbage = collectsGarbage;
    for (const name of NAMESPACES) {
      this.#makeNamespace(name);
    }
  }

  types(): readonly ServedType[] {
    return [...BUILT_IN_TYPES, ...this.#custom];
  }

  get(target: Target): JsonObject {
    return target.subresource === 'scale' ? this.#scaleOf(target, this.#live(target)) : this.#live(target);
  }

  list({ type, namespace }: Target, { selects, limit, token, resourceVersion, match }: ListQuery): JsonObject {
    const from = token === '' ? undefined : readToken(token);
    const exact = match === 'Exact' ? Number(resourceVersion) : undefined;
    const revision = from?.revision ?? exact ?? this.storage.revision;
    const all = this.storage.listAt(storedAs(type), revision);
    if (all === undefined) {
      throw expired(
        from === undefined
          ? `The resourceVersion for the provided list is too old.`
          : 'The provided continue parameter is too old to display a consistent list result.',
      );
    }
    const rest = all.filter(
      ([key, object]) =>
        (namespace === '' || metadataOf(object)['namespace'] === namespace) &&
        (from === undefined || key > from.after) &&
        selects(object),
    );
    const page = limit > 0 ? rest.slice(0, limit) : rest;
    const last = page.at(-1)?.[0];
    return {
      kind: `${type.kind}List`,
      apiVersion: groupVersion(type),
      metadata: {
        resourceVersion: String(revision),
        ...(page.length < rest.length && last !== undefined
          ? { continue: writeToken({ revision, after: last }), remainingItemCount: rest.length - page.length }
          : {}),
      },
      items: page.map(([, object]) => object),
    };
  }

  create(target: Target, body: JsonObject, query: WriteQuery): Answer {
    const { type, namespace } = target;
    checkKind(type, body);
    checkPlace(type, body, namespace);
    const { name, generateName, resourceVersion } = metadataOf(body);
    if (textAt(resourceVersion) !== '') {
      throw badRequest('resourceVersion should not be set on objects to be created');
    }
    const chosen =
      textAt(name) || (textAt(generateName) && textAt(generateName) + randomBytes(3).toString('hex').slice(1));
    if (chosen === '') {
      throw invalid(type.kind, '', 'metadata.name', 'Required value: name or generateName is required');
    }
    if (this.#find(type, namespace, chosen) !== undefined) {
      throw apiError(409, 'AlreadyExists', `${resourceName(type)} "${chosen}" already exists`, { name: chosen });
    }
    const made = this.#born(target, chosen, body);
    const written = ownedByUpdate(made, { live: undefined, ...this.#write(target, 'Update', query) });
    return { status: 201, body: this.#store(type, undefined, written, query) };
  }

  replace(target: Target, body: JsonObject, query: WriteQuery): Answer {
    const { type, namespace, name, subresource } = target;
    const live = this.#live(target);
    if (subresource === 'scale') {
      return { status: 200, body: this.#scale(target, live, body, query) };
    }
    checkKind(type, body);
    checkPlace(type, body, namespace, name);
    const { uid, resourceVersion } = metadataOf(body);
    if (type.isCustom && textAt(resourceVersion) === '') {
      throw invalid(
        type.kind,
        nameOf(live),
        'metadata.resourceVersion',
        'Invalid value: 0: must be specified for an update',
      );
    }
    checkPreconditions(type, live, { uid, resourceVersion });
    return { status: 200, body: this.#update(target, live, body, query) };
  }

  patch(target: Target, form: PatchForm, patch: unknown, query: WriteQuery): Answer {
    if (form === 'apply') {
      return this.#apply(target, objectAt(patch), query);
    }
    const live = this.#live(target);
    if (target.subresource === 'scale') {
      const scale = this.#scaleOf(target, live);
      const next = objectAt(form === 'json' ? jsonPatched(scale, patch) : mergePatched(scale, patch));
      return { status: 200, body: this.#scale(target, live, next, query) };
    }
    const next = objectAt(patched(target.type, form, live, patch));
    checkPatched(target.type, live, next);
    return { status: 200, body: this.#update(target, live, next, query) };
  }

  delete(target: Target, options: JsonObject, isDryRun: boolean): JsonObject {
    const { type } = target;
    const live = this.#live(target);
    checkPreconditions(type, live, objectAt(options['preconditions']), true);
    const policy = textAt(options['propagationPolicy']);
    const held = policy === 'Foreground' ? ['foregroundDeletion'] : policy === 'Orphan' ? ['orphan'] : [];
    if (!hasFinalizers(live) && held.length === 0) {
      if (!isDryRun) {
        this.#remove(type, live);
      }
      return {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: nameOf(live), group: type.group, kind: type.plural, uid: metadataOf(live)['uid'] },
      };
    }
    const next = marked(type, live, this.#time(), held);
    return isDryRun || isUnchanged(live, next) ? next : this.#put(type, next);
  }

  #live({ type, namespace, name = '', subresource }: Target): JsonObject {
    if ((subresource === 'status' && !type.hasStatus) || (subresource === 'scale' && type.scale === undefined)) {
      throw apiError(404, 'NotFound', 'the server could not find the requested resource');
    }
    const live = this.#find(type, namespace, name);
    if (live === undefined) {
      throw notFound(resourceName(type), name);
    }
    return live;
  }

  #find(type: ServedType, namespace: string, name: string): JsonObject | undefined {
    const found = this.storage.get(storedAs(type), keyOf(namespace, name));
    return found === undefined ? undefined : { ...found, apiVersion: groupVersion(type) };
  }

  #born({ type, namespace }: Target, name: string, body: JsonObject): JsonObject {
    checkName(type, name);
    const space = type.namespaced ? this.storage.get(NAMESPACE_RESOURCE, namespace) : undefined;
    if (type.namespaced && space === undefined) {
      throw notFound(NAMESPACE_RESOURCE, namespace);
    }
    if (space !== undefined && isBeingDeleted(space)) {
      throw apiError(
        403,
        'Forbidden',
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    }
    return born(type, body, { name, namespace, uid: randomUUID(), time: this.#time() });
  }

  #apply(target: Target, config: JsonObject, query: WriteQuery): Answer {
    const { type, namespace, name = '', subresource } = target;
    checkKind(type, config);
    checkPlace(type, config, namespace, name);
    if (listAt(metadataOf(config)['managedFields']).length > 0) {
      throw badRequest('metadata.managedFields must be nil');
    }
    if (query.manager === '') {
      throw invalid('PatchOptions.meta.k8s.io', '', 'fieldManager', 'Required value: is required for apply patch');
    }
    const live = subresource === '' ? this.#find(type, namespace, name) : this.#live(target);
    const { uid } = metadataOf(config);
    const claims = { force: query.force, ...this.#write(target, 'Apply', query) };
    if (live === undefined) {
      if (textAt(uid) !== '') {
        throw conflict(
          resourceName(type),
          name,
          `uid mismatch: the provided object specified uid ${textAt(uid)}, and no existing object was found`,
        );
      }
      const written = applied(this.#born(target, name, config), { live: undefined, ...claims });
      return { status: 201, body: this.#store(type, undefined, written, query) };
    }
    checkPatched(type, live, config);
    const mine = subresource === 'status' ? { status: config['status'] ?? {} } : withoutStatus(type, config);
    const result = applied(mine, { live, ...claims });
    const { managedFields } = metadataOf(result);
    const replaced = replacing(type, live, result, subresource);
    const next = { ...replaced, metadata: { ...metadataOf(replaced), managedFields } };
    return { status: 200, body: this.#store(type, live, next, query) };
  }

  #update(target: Target, live: JsonObject, body: JsonObject, query: WriteQuery): JsonObject {
    const next = replacing(target.type, live, body, target.subresource);
    const write = { live, ...this.#write(target, 'Update', query) };
    return this.#store(target.type, live, ownedByUpdate(next, write), query);
  }

  #write(
    { type, subresource }: Target,
    operation: Writer['operation'],
    { manager }: WriteQuery,
  ): { readonly writer: Writer; readonly shape: ServedType['shape']; readonly time: string } {
    const writer = { manager, operation, apiVersion: groupVersion(type), subresource };
    return { writer, shape: type.shape, time: this.#time() };
  }

  #scaleOf({ type }: Target, live: JsonObject): JsonObject {
    const { spec, status, selector } = type.scale ?? { spec: [], status: [], selector: [] };
    const { name, namespace, uid, resourceVersion, creationTimestamp } = metadataOf(live);
    const selects = valueAt(live, selector);
    const labels = Object.entries(objectAt(objectAt(selects)['matchLabels']));
    return {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      spec: { replicas: valueAt(live, spec) ?? 0 },
      status: {
        replicas: valueAt(live, status) ?? 0,
        ...(selects === undefined
          ? {}
          : { selector: textAt(selects) || labels.map(([key, value]) => `${key}=${String(value)}`).join(',') }),
      },
    };
  }

  #scale(target: Target, live: JsonObject, scale: JsonObject, query: WriteQuery): JsonObject {
    const { resourceVersion } = metadataOf(scale);
    checkPreconditions(target.type, live, { resourceVersion });
    const replicas = valueAt(scale, ['spec', 'replicas']);
    const body = withValueAt(live, target.type.scale?.spec ?? [], replicas);
    const next = replacing(target.type, live, body, '');
    const owned = ownedByUpdate(next, { live, ...this.#write(target, 'Update', query) });
    return this.#scaleOf(target, this.#store(target.type, live, owned, query));
  }

  #store(type: ServedType, live: JsonObject | undefined, next: JsonObject, { dryRun }: WriteQuery): JsonObject {
    if (live !== undefined && isUnchanged(live, next)) {
      return live;
    }
    if (dryRun) {
      return live === undefined
        ? next
        : { ...next, metadata: { ...metadataOf(next), resourceVersion: metadataOf(live)['resourceVersion'] } };
    }
    if (live !== undefined && isBeingDeleted(next) && !hasFinalizers(next)) {
      this.#remove(type, next);
      return next;
    }
    return this.#put(type, next);
  }

  #put(type: ServedType, object: JsonObject): JsonObject {
    const isDefinition = resourceName(type) === CRD_RESOURCE;
    const stored = this.storage.write(storedAs(type), keyOfObject(object), (resourceVersion) => ({
      ...(isDefinition ? established(object) : object),
      metadata: { ...metadataOf(object), resourceVersion },
    }));
    this.#afterWrite(type);
    return stored ?? object;
  }

  #remove(type: ServedType, object: JsonObject): void {
    this.storage.write(storedAs(type), keyOfObject(object), () => undefined);
    this.#afterWrite(type);
  }

  #afterWrite(type: ServedType): void {
    if (resourceName(type) === CRD_RESOURCE) {
      this.#custom = this.storage.list(CRD_RESOURCE).flatMap(([, definition]) => customTypes(definition));
    }
    if (this.#collectsGarbage) {
      this.#collect();
    }
  }

  #collect(): void {
    const types = this.types();
    const all = types.flatMap((type) => this.storage.list(storedAs(type)).map(([, object]) => ({ type, object })));
    const next = nextCollection(all);
    if (next !== undefined) {
      // Each write looks again, for what it leaves behind.
      this.#carryOut(next);
    }
  }

  #carryOut({ type, object, action }: Collection): void {
    const metadata = metadataOf(object);
    switch (action.kind) {
      case 'delete':
        this.delete(
          { type, namespace: textAt(metadata['namespace']), name: nameOf(object), subresource: '' },
          {},
          false,
        );
        break;
      case 'disown': {
        const references = listAt(metadata['ownerReferences']).filter(
          (reference) => objectAt(reference)['uid'] !== action.what,
        );
        this.#put(type, { ...object, metadata: { ...metadata, ownerReferences: references } });
        break;
      }
      case 'release': {
        const finalizers = listAt(metadata['finalizers']).filter((finalizer) => finalizer !== action.what);
        const next = { ...object, metadata: { ...metadata, finalizers } };
        if (finalizers.length === 0) {
          this.#remove(type, next);
        } else {
          this.#put(type, next);
        }
        break;
      }
    }
  }

  #makeNamespace(name: string): void {
    const type = BUILT_IN_TYPES.find((candidate) => resourceName(candidate) === NAMESPACE_RESOURCE);
    if (type !== undefined) {
      const made = born(type, {}, { name, namespace: '', uid: randomUUID(), time: this.#time() });
      this.#put(type, { ...made, status: { phase: 'Active' } });
    }
  }

  /** RFC 3339, in seconds, as meta/v1 Time. */
  #time(): string {
    return this.#clock
      .date()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }
}

/** One object, whatever version it is asked for in. */
export const storedAs = resourceName;

const keyOf = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}/${name}`);
const keyOfObject = (object: JsonObject): string => keyOf(textAt(metadataOf(object)['namespace']), nameOf(object));

const withoutStatus = (type: ServedType, config: JsonObject): JsonObject => {
  const { status: _, ...rest } = config;
  return type.hasStatus ? rest : config;
};

function patched(type: ServedType, form: PatchForm, live: JsonObject, patch: unknown): unknown {
  if (form === 'json') {
    return jsonPatched(live, patch);
  }
  if (form === 'merge') {
    return mergePatched(live, patch);
  }
  if (type.isCustom) {
    throw apiError(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');
  }
  // Of a strategic patch: lists by their keys. Its directives are not here.
  return objectOf(merged(live, patch, type.shape));
}

const writeToken = (token: Token): string => Buffer.from(JSON.stringify(token)).toString('base64url');

function readToken(token: string): Token {
  try {
    const { revision, after } = objectAt(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
    return { revision: Number(revision), after: textAt(after) };
  } catch {
    // expected: somebody made it up.
    throw badRequest('continue key is not valid');
  }
}
