// A stand-in for one container of Azure Cosmos DB, as far as its REST API documents what key-value stores use
// (https://learn.microsoft.com/rest/api/cosmos-db/documents): reading, creating, upserting, replacing with If-Match,
// deleting and patching documents, and a query for all ids in pages.
import { createHash } from 'node:crypto';
import { startJsonServer, type JsonAnswer, type JsonRequest, type JsonServer } from './json-server.ts';

interface Stored {
  readonly document: Readonly<Record<string, unknown>>;
  readonly etag: string;
}

export const COSMOS = { database: 'd', container: 'c', key: Buffer.from('a key').toString('base64') };

const COLLECTION = `/dbs/${COSMOS.database}/colls/${COSMOS.container}`;
const PAGE_SIZE = 3;

export function startCosmos(): Promise<JsonServer> {
  const documents = new Map<string, Stored>();
  let version = 0;
  const store = (document: Readonly<Record<string, unknown>>, status: number): JsonAnswer => {
    const stored = { document, etag: `"${(version += 1)}"` };
    documents.set(String(document['id']), stored);
    return documentAnswer(stored, status);
  };
  const onDocument = ({ method, path, headers, body }: JsonRequest): JsonAnswer => {
    const id = decodeURIComponent(path.slice(`${COLLECTION}/docs/`.length));
    const found = documents.get(id);
    if (headers['x-ms-documentdb-partitionkey'] !== asciiJson([id])) {
      return failure(400, 'BadRequest', 'the partition key is not that of the document');
    }
    if (found === undefined) {
      return failure(404, 'NotFound', 'Resource Not Found.');
    }
    if (headers['if-match'] !== undefined && headers['if-match'] !== found.etag) {
      return failure(412, 'PreconditionFailed', 'One of the specified pre-condition is not met');
    }
    switch (method) {
      case 'GET':
        return documentAnswer(found, 200);
      case 'PUT':
        return store(body as Stored['document'], 200);
      case 'DELETE':
        documents.delete(id);
        return { status: 204 };
      default:
        return patched(found, body, store);
    }
  };
  const onCollection = ({ headers, body }: JsonRequest): JsonAnswer => {
    if (headers['x-ms-cosmos-is-query-plan-request'] !== undefined) {
      return { body: QUERY_PLAN };
    }
    if (headers['x-ms-documentdb-isquery'] !== undefined) {
      return page([...documents.keys()], Number(headers['x-ms-continuation'] ?? '0'));
    }
    const document = body as Stored['document'];
    const exists = documents.has(String(document['id']));
    if (headers['x-ms-documentdb-is-upsert'] === undefined && exists) {
      return failure(409, 'Conflict', 'Entity with the specified id already exists in the system.');
    }
    return store(document, exists ? 200 : 201);
  };
  return startJsonServer((request, url) => {
    const { path, headers } = request;
    if (!decodeURIComponent(headers.authorization ?? '').startsWith('type=master&ver=1.0&sig=')) {
      return failure(401, 'Unauthorized', 'the authorization header is missing');
    }
    switch (path) {
      case '/':
        return { body: account(url) };
      case COLLECTION:
        return {
          body: { id: COSMOS.container, _rid: 'AAAA', partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 } },
        };
      case `${COLLECTION}/pkranges`:
        return { body: { PartitionKeyRanges: [{ id: '0', minInclusive: '', maxExclusive: 'FF' }], _count: 1 } };
      case `${COLLECTION}/docs`:
        return onCollection(request);
      default:
        return path.startsWith(`${COLLECTION}/docs/`) ? onDocument(request) : failure(404, 'NotFound', path);
    }
  });
}

function patched(
  found: Stored,
  body: unknown,
  store: (document: Readonly<Record<string, unknown>>, status: number) => JsonAnswer,
): JsonAnswer {
  const [operation] = (body as { operations?: unknown }).operations === undefined ? (body as Patch[]) : [];
  const old = found.document['value'];
  if (operation?.op !== 'incr' || operation.path !== '/value' || typeof old !== 'number') {
    return failure(400, 'BadRequest', 'For Operation(1): Operation Incr cannot be applied to the value at /value.');
  }
  return store({ ...found.document, value: old + operation.value }, 200);
}

interface Patch {
  readonly op: string;
  readonly path: string;
  readonly value: number;
}

function page(ids: readonly string[], from: number): JsonAnswer {
  const some = ids.slice(from, from + PAGE_SIZE).map((id) => ({ id }));
  const next = from + PAGE_SIZE;
  const headers = next < ids.length ? { 'x-ms-continuation': String(next) } : {};
  return { body: { _rid: 'AAAA', Documents: some, _count: some.length }, headers };
}

const documentAnswer = ({ document, etag }: Stored, status: number): JsonAnswer => ({
  status,
  headers: { etag, 'x-ms-request-charge': '1', 'x-ms-activity-id': createHash('md5').update(etag).digest('hex') },
  body: { ...document, _etag: etag },
});

const failure = (status: number, code: string, message: string): JsonAnswer => ({ status, body: { code, message } });

/** As the client writes it into a header. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const account = (url: string): object => ({
  id: 'account',
  writableLocations: [{ name: 'here', databaseAccountEndpoint: `${url}/` }],
  readableLocations: [{ name: 'here', databaseAccountEndpoint: `${url}/` }],
  enableMultipleWriteLocations: false,
  userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
  queryEngineConfiguration: '{}',
});

const QUERY_PLAN = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: 'None',
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: false,
    hasNonStreamingOrderBy: false,
  },
  queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
};
