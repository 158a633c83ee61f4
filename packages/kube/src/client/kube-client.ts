// The client: each call is one request to the API server, typed by the resource it is about.
import type { AnswerRequest, ByteStream, Query, Transport } from '../transport/types.ts';
import { isExpired, isNotFound, TransportError } from '../transport/errors.ts';
import {
  apiVersionOf,
  collectionPath,
  objectPath,
  type KubeObject,
  type ObjectName,
  type ResourceType,
} from './resource.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Intent,
  KubeClient,
  ListOptions,
  ObjectList,
  Page,
  PatchKind,
  Scale,
  Selection,
  WatchOptions,
  WriteOptions,
} from './types.ts';

/** kube-client 1, as client-go and kubectl: about 5 MB of usual objects. */
const PAGE_LIMIT = 500;
/** A list that outlives its token three times (5 minutes each) is not read by a reader that keeps up. */
const MAX_LIST_ATTEMPTS = 3;

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};
/** JSON is YAML. */
const APPLY_TYPE = 'application/apply-patch+yaml';
const METADATA_ONLY = { one: 'PartialObjectMetadata', many: 'PartialObjectMetadataList' } as const;

export interface ClientOptions {
  /** Whose the fields are that this client writes. */
  readonly fieldManager: string;
}

export function createClient(transport: Transport, options: ClientOptions): KubeClient {
  return new HttpKubeClient(transport, options);
}

class HttpKubeClient implements KubeClient {
  readonly #transport: Transport;
  readonly #fieldManager: string;

  constructor(transport: Transport, { fieldManager }: ClientOptions) {
    this.#transport = transport;
    this.#fieldManager = fieldManager;
  }

  get<T extends KubeObject>(type: ResourceType<T>, name: ObjectName, options: CallOptions = {}): Promise<T> {
    return this.#object({ method: 'GET', path: objectPath(type, name), ...call(options) });
  }

  async find<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get(type, name, options);
    } catch (error) {
      // expected: that there is none is an answer here.
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  async page<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}, token?: string): Promise<Page<T>> {
    const { limit = PAGE_LIMIT, resourceVersion, resourceVersionMatch, metadataOnly = false } = options;
    const body = await this.#answer({
      method: 'GET',
      path: collectionPath(type, options.namespace),
      query: {
        ...selection(options),
        limit,
        continue: token,
        // A token carries the version; the API server refuses both.
        ...(token === undefined ? { resourceVersion, resourceVersionMatch } : {}),
      },
      ...accept(metadataOnly, 'many'),
      ...call(options),
    });
    return readPage(body, type, metadataOnly);
  }

  async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#allPages(type, options);
      } catch (error) {
        // expected: a token too old. The pages read so far are of a state that nobody can complete.
        if (!isExpired(error) || attempt === MAX_LIST_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  watch(type: ResourceType, options: WatchOptions = {}): Promise<ByteStream> {
    const { resourceVersion, resourceVersionMatch, sendInitialEvents, allowWatchBookmarks, timeoutSeconds } = options;
    return this.#transport.stream({
      method: 'GET',
      path: collectionPath(type, options.namespace),
      query: {
        watch: true,
        ...selection(options),
        resourceVersion,
        resourceVersionMatch,
        sendInitialEvents,
        allowWatchBookmarks,
        timeoutSeconds,
      },
      ...accept(options.metadataOnly ?? false, 'one'),
      ...call(options),
    });
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.#object({
      method: 'POST',
      path: collectionPath(type, object.metadata.namespace),
      query: this.#writeQuery(options),
      body: typed(type, object),
      ...call(options),
    });
  }

  replace<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.#object({
      method: 'PUT',
      path: objectPath(type, nameOf(object)),
      query: this.#writeQuery(options),
      body: typed(type, object),
      ...call(options),
    });
  }

  patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    kind: PatchKind,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#object({
      method: 'PATCH',
      path: objectPath(type, name),
      query: this.#writeQuery(options),
      body: patch,
      contentType: PATCH_TYPES[kind],
      ...call(options),
    });
  }

  apply<T extends KubeObject>(type: ResourceType<T>, intent: Intent<T>, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(type, intent, options);
  }

  applyStatus<T extends KubeObject>(type: ResourceType<T>, intent: Intent<T>, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(type, intent, options, 'status');
  }

  patchStatus<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    status: unknown,
    options: WriteOptions & { readonly resourceVersion?: string } = {},
  ): Promise<T> {
    const { resourceVersion } = options;
    return this.#object({
      method: 'PATCH',
      path: objectPath(type, name, 'status'),
      query: this.#writeQuery(options),
      body: { ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }), status },
      contentType: PATCH_TYPES.merge,
      ...call(options),
    });
  }

  async delete(type: ResourceType, name: ObjectName, options: DeleteOptions = {}): Promise<boolean> {
    const { preconditions, propagationPolicy, gracePeriodSeconds, dryRun = false } = options;
    try {
      await this.#answer({
        method: 'DELETE',
        path: objectPath(type, name),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions,
          propagationPolicy,
          gracePeriodSeconds,
          ...(dryRun ? { dryRun: ['All'] } : {}),
        },
        ...call(options),
      });
      return true;
    } catch (error) {
      // expected: gone is what was wanted.
      if (isNotFound(error)) {
        return false;
      }
      throw error;
    }
  }

  async scale(type: ResourceType, name: ObjectName, replicas: number, options: WriteOptions = {}): Promise<Scale> {
    const body = await this.#answer({
      method: 'PATCH',
      path: objectPath(type, name, 'scale'),
      query: this.#writeQuery(options),
      body: { spec: { replicas } },
      contentType: PATCH_TYPES.merge,
      ...call(options),
    });
    return readScale(body);
  }

  async getScale(type: ResourceType, name: ObjectName, options: CallOptions = {}): Promise<Scale> {
    return readScale(await this.#answer({ method: 'GET', path: objectPath(type, name, 'scale'), ...call(options) }));
  }

  async #allPages<T extends KubeObject>(type: ResourceType<T>, options: ListOptions): Promise<ObjectList<T>> {
    const items: T[] = [];
    let page = await this.page(type, options);
    for (;;) {
      // Not `push(...items)`: arguments of a call are limited.
      for (const item of page.items) {
        items.push(item);
      }
      if (page.continue === undefined) {
        return { items, resourceVersion: page.resourceVersion };
      }
      page = await this.page(type, options, page.continue);
    }
  }

  #apply<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    options: ApplyOptions,
    subresource?: string,
  ): Promise<T> {
    return this.#object({
      method: 'PATCH',
      path: objectPath(type, intent.metadata, subresource),
      query: { ...this.#writeQuery(options), force: options.force ?? false },
      body: typed(type, intent),
      contentType: APPLY_TYPE,
      ...call(options),
    });
  }

  #writeQuery({ fieldManager = this.#fieldManager, dryRun = false }: WriteOptions): Query {
    return { fieldManager, fieldValidation: 'Strict', ...(dryRun ? { dryRun: 'All' } : {}) };
  }

  async #answer(request: AnswerRequest): Promise<unknown> {
    return (await this.#transport.request(request)).body;
  }

  /** The API server vouches for the rest of the type. */
  async #object<T extends KubeObject>(request: AnswerRequest): Promise<T> {
    const body = await this.#answer(request);
    if (!isRecord(body) || !isRecord(body['metadata'])) {
      throw notThat('an object', request.path);
    }
    return body as unknown as T;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const notThat = (what: string, path: string): TransportError =>
  new TransportError('protocol', `the answer to ${path} is not ${what}`);

const call = ({ signal, deadlineMs }: CallOptions): Pick<AnswerRequest, 'signal' | 'deadlineMs'> => ({
  ...(signal === undefined ? {} : { signal }),
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
});

const selection = ({ labelSelector, fieldSelector }: Selection): Query => ({ labelSelector, fieldSelector });

const accept = (metadataOnly: boolean, form: keyof typeof METADATA_ONLY): Pick<AnswerRequest, 'accept'> =>
  metadataOnly ? { accept: `application/json;as=${METADATA_ONLY[form]};v=v1;g=meta.k8s.io` } : {};

const typed = (type: ResourceType, object: object): object => ({
  ...object,
  apiVersion: apiVersionOf(type),
  kind: type.kind,
});

function nameOf({ metadata: { name = '', namespace } }: KubeObject): ObjectName {
  return namespace === undefined ? { name } : { name, namespace };
}

/** Items of a list have no kind of their own; who gets them should not have to know. */
function readPage<T extends KubeObject>(body: unknown, type: ResourceType<T>, metadataOnly: boolean): Page<T> {
  const metadata = isRecord(body) ? body['metadata'] : undefined;
  if (!isRecord(body) || !isRecord(metadata) || typeof metadata['resourceVersion'] !== 'string') {
    throw notThat('a list', collectionPath(type));
  }
  const kinds = metadataOnly ? {} : { apiVersion: apiVersionOf(type), kind: type.kind };
  const items = (Array.isArray(body['items']) ? body['items'] : []).map((item: T): T => ({ ...kinds, ...item }));
  const token = metadata['continue'];
  return {
    items,
    resourceVersion: metadata['resourceVersion'],
    continue: typeof token === 'string' && token !== '' ? token : undefined,
  };
}

function readScale(body: unknown): Scale {
  const [spec, status] = isRecord(body) ? [body['spec'], body['status']] : [];
  const count = (of: unknown): number => (isRecord(of) && typeof of['replicas'] === 'number' ? of['replicas'] : 0);
  const selector = isRecord(status) ? status['selector'] : undefined;
  return {
    spec: { replicas: count(spec) },
    status: { replicas: count(status), ...(typeof selector === 'string' ? { selector } : {}) },
  };
}
