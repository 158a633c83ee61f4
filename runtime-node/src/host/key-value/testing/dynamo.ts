// A stand-in for one table of Amazon DynamoDB, as far as its API reference documents what key-value stores use
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference): items by a key PK of type S, batches with their limits
// and what was not processed, scans in pages, and updates with the conditions and expressions that the stores write.
import { startJsonServer, type JsonAnswer, type JsonServer } from './json-server.ts';

type Value = { readonly S?: string; readonly B?: string; readonly N?: string };
type Item = Readonly<Record<string, Value>>;

interface KeyedRequest {
  readonly Key: { readonly PK: Value };
}

interface Update extends KeyedRequest {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues: Readonly<Record<string, Value>>;
}

type Write = { readonly PutRequest?: { readonly Item: Item }; readonly DeleteRequest?: KeyedRequest };

export const DYNAMO = { table: 't', accessKey: 'AKIDEXAMPLE', secretKey: 'a secret key' };

const MAX_GETS = 100;
const MAX_WRITES = 25;
const PAGE_SIZE = 3;

class Refused extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const invalid = (message: string): Refused => new Refused('com.amazon.coral.validate#ValidationException', message);

/** Of every batch of more than one, the last is left unprocessed when it is asked for the first time. */
export function startDynamo(): Promise<JsonServer> {
  const items = new Map<string, Item>();
  const operations = tableOperations(items);
  return startJsonServer(({ headers, body }) => {
    const target = String(headers['x-amz-target'] ?? '').replace('DynamoDB_20120810.', '');
    if (!String(headers.authorization).startsWith(`AWS4-HMAC-SHA256 Credential=${DYNAMO.accessKey}/`)) {
      return refusal(
        new Refused('com.amazon.coral.service#UnrecognizedClientException', 'The security token is invalid.'),
      );
    }
    try {
      const operation = operations[target];
      if (operation === undefined) {
        throw invalid(`no operation ${target}`);
      }
      return { body: operation(body as never) };
    } catch (error) {
      if (error instanceof Refused) {
        return refusal(error);
      }
      throw error;
    }
  });
}

const refusal = ({ type, message }: Refused): JsonAnswer => ({ status: 400, body: { __type: type, message } });

function keyOf({ S }: Value): string {
  if (S === undefined || S === '') {
    throw invalid('The AttributeValue for a key attribute cannot contain an empty string value. Key: PK');
  }
  return S;
}

function tableOperations(items: Map<string, Item>): Readonly<Record<string, (request: never) => unknown>> {
  const write = ({ PutRequest, DeleteRequest }: Write): void => {
    if (PutRequest !== undefined) {
      items.set(keyOf(PutRequest.Item['PK'] ?? {}), PutRequest.Item);
    } else if (DeleteRequest !== undefined) {
      items.delete(keyOf(DeleteRequest.Key.PK));
    }
  };
  const left = new Set<string>();
  return {
    GetItem: ({ Key }: KeyedRequest) => ({ Item: items.get(keyOf(Key.PK)) }),
    PutItem: ({ Item: item }: { Item: Item }) => {
      write({ PutRequest: { Item: item } });
      return {};
    },
    DeleteItem: (request: KeyedRequest) => {
      write({ DeleteRequest: request });
      return {};
    },
    Scan: ({ ExclusiveStartKey }: { ExclusiveStartKey?: { PK: Value } }) => {
      const keys = [...items.keys()].toSorted();
      const from = ExclusiveStartKey?.PK.S === undefined ? 0 : keys.indexOf(ExclusiveStartKey.PK.S) + 1;
      const page = keys.slice(from, from + PAGE_SIZE);
      const last = page.at(-1);
      const more =
        from + PAGE_SIZE < keys.length && last !== undefined ? { LastEvaluatedKey: { PK: { S: last } } } : {};
      return { Items: page.map((key) => ({ PK: { S: key } })), ...more };
    },
    BatchGetItem: ({ RequestItems }: { RequestItems: Record<string, { Keys: { PK: Value }[] }> }) => {
      const request = RequestItems[DYNAMO.table];
      const keys = (request?.Keys ?? []).map(({ PK }) => keyOf(PK));
      checkBatch(keys, MAX_GETS);
      const now = processed(keys, left, 'get');
      const unprocessed = keys.slice(now.length).map((key) => ({ PK: { S: key } }));
      return {
        Responses: { [DYNAMO.table]: now.flatMap((key) => items.get(key) ?? []) },
        UnprocessedKeys: unprocessed.length === 0 ? {} : { [DYNAMO.table]: { ...request, Keys: unprocessed } },
      };
    },
    BatchWriteItem: ({ RequestItems }: { RequestItems: Record<string, Write[]> }) => {
      const writes = RequestItems[DYNAMO.table] ?? [];
      const keys = writes.map(({ PutRequest, DeleteRequest }) =>
        keyOf(PutRequest?.Item['PK'] ?? DeleteRequest?.Key.PK ?? {}),
      );
      checkBatch(keys, MAX_WRITES);
      const now = processed(keys, left, 'write').length;
      writes.slice(0, now).forEach(write);
      return { UnprocessedItems: now === writes.length ? {} : { [DYNAMO.table]: writes.slice(now) } };
    },
    UpdateItem: (request: Update) => {
      const key = keyOf(request.Key.PK);
      const item = items.get(key) ?? { PK: { S: key } };
      if (!holds(request, item)) {
        throw new Refused(
          'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
          'The conditional request failed',
        );
      }
      items.set(key, updated(request, item));
      return {};
    },
  };
}

function checkBatch(keys: readonly string[], most: number): void {
  if (keys.length > most || keys.length === 0) {
    throw invalid(`Too many items requested for the batch call: ${keys.length}`);
  }
  if (new Set(keys).size !== keys.length) {
    throw invalid('Provided list of item keys contains duplicates');
  }
}

function processed(keys: readonly string[], left: Set<string>, what: string): readonly string[] {
  const last = `${what} ${keys.at(-1)}`;
  if (keys.length === 1 || left.has(last)) {
    return keys;
  }
  left.add(last);
  return keys.slice(0, -1);
}

const same = (one: Value | undefined, other: Value | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function holds(
  { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Update,
  item: Item,
): boolean {
  if (ConditionExpression === undefined) {
    return true;
  }
  const attribute = (name: string): Value | undefined => item[ExpressionAttributeNames[name] ?? ''];
  const [, absent] = /^attribute_not_exists\((#\w+)\)$/.exec(ConditionExpression) ?? [];
  if (absent !== undefined) {
    return attribute(absent) === undefined;
  }
  const [, name, value] = /^(#\w+) = (:\w+)$/.exec(ConditionExpression) ?? [];
  if (name === undefined || value === undefined) {
    throw invalid(`Invalid ConditionExpression: ${ConditionExpression}`);
  }
  return same(attribute(name), ExpressionAttributeValues[value]);
}

function updated({ UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Update, item: Item): Item {
  const [, set, value, add, by] = /^SET (#\w+) = (:\w+)(?: ADD (#\w+) (:\w+))?$/.exec(UpdateExpression) ?? [];
  const name = ExpressionAttributeNames[set ?? ''];
  const given = ExpressionAttributeValues[value ?? ''];
  if (name === undefined || given === undefined) {
    throw invalid(`Invalid UpdateExpression: ${UpdateExpression}`);
  }
  const counter = ExpressionAttributeNames[add ?? ''];
  const old = Number(item[counter ?? '']?.N ?? 0);
  const raised =
    counter === undefined ? {} : { [counter]: { N: String(old + Number(ExpressionAttributeValues[by ?? '']?.N)) } };
  return { ...item, [name]: given, ...raised };
}
