// Key-value stores in a table of Amazon DynamoDB, laid out as Spin does: PK the key, VAL the value, VER a number that a
// swap raises (spin-contract.md §4.2). All labels of one table see the same keys.
import type { AttributeValue, BatchGetItemCommandOutput, DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  KeyValueError,
  otherError,
  ResultSize,
  type CompareAndSwap,
  type KeyValueBackend,
  type KeyValueStore,
} from './backend.ts';
import type { DynamoStoreConfig } from './config.ts';
import type * as sdkModule from './dynamo-sdk.ts';

type Sdk = typeof sdkModule;

interface Table {
  readonly sdk: Sdk;
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly consistentRead: boolean;
}

/** What DynamoDB takes in one call (BatchGetItem, BatchWriteItem). */
const MAX_GETS = 100;
const MAX_WRITES = 25;

/** Others may count at the same time; who loses begins again. */
const MAX_TRIES = 20;
const PAUSE_MS = 20;

const NAMES = { '#VAL': 'VAL' };
const NAMES_WITH_VERSION = { '#VAL': 'VAL', '#VER': 'VER' };

/** `endpoint` is for tests. */
export function openDynamo(config: DynamoStoreConfig, endpoint?: string): KeyValueBackend {
  let table: Promise<Table> | undefined;
  return {
    summary: `AWS DynamoDB region: ${config.region}, table: ${config.table}`,
    synchronous: false,
    store: async () => new DynamoStore(await (table ??= connect(config, endpoint))),
    close: async () => (await table)?.client.destroy(),
  };
}

async function connect(
  { region, table, credentials, consistentRead }: DynamoStoreConfig,
  endpoint?: string,
): Promise<Table> {
  const sdk = await import('./dynamo-sdk.ts');
  const client = new sdk.DynamoDBClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKey,
            secretAccessKey: credentials.secretKey,
            ...(credentials.token === undefined ? {} : { sessionToken: credentials.token }),
          },
        }),
  });
  return { sdk, client, name: table, consistentRead };
}

class DynamoStore implements KeyValueStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return told(async () => {
      const value = (await this.read(key, this.#table.consistentRead))?.['VAL']?.B;
      new ResultSize().add(value?.length ?? 0);
      return value;
    });
  }

  set(key: string, value: Uint8Array): Promise<void> {
    const { sdk, client, name } = this.#table;
    return told(async () => {
      await client.send(new sdk.PutItemCommand({ TableName: name, Item: { PK: { S: key }, VAL: { B: value } } }));
    });
  }

  delete(key: string): Promise<void> {
    const { sdk, client, name } = this.#table;
    return told(async () => {
      await client.send(new sdk.DeleteItemCommand({ TableName: name, Key: { PK: { S: key } } }));
    });
  }

  exists(key: string): Promise<boolean> {
    const { sdk, client, name, consistentRead } = this.#table;
    return told(async () => {
      const request = {
        TableName: name,
        Key: { PK: { S: key } },
        ProjectionExpression: 'PK',
        ConsistentRead: consistentRead,
      };
      return (await client.send(new sdk.GetItemCommand(request))).Item?.['PK'] !== undefined;
    });
  }

  keys(): Promise<string[]> {
    const { sdk, client, name } = this.#table;
    return told(async () => {
      const keys: string[] = [];
      const size = new ResultSize();
      for await (const { Items = [] } of sdk.paginateScan(
        { client },
        { TableName: name, ProjectionExpression: 'PK' },
      )) {
        for (const key of Items.flatMap(({ PK }) => PK?.S ?? [])) {
          size.add(key.length);
          keys.push(key);
        }
      }
      return keys;
    });
  }

  getMany(keys: readonly string[]): Promise<[string, Uint8Array][]> {
    const { sdk, client, name, consistentRead } = this.#table;
    return told(async () => {
      const found: [string, Uint8Array][] = [];
      const size = new ResultSize();
      for (const some of inBatches([...new Set(keys)], MAX_GETS)) {
        let asked: Record<string, AttributeValue>[] | undefined = some.map((key) => ({ PK: { S: key } }));
        for (let tries = 1; asked !== undefined && asked.length > 0; tries++) {
          await pause(tries, 'DynamoDB does not answer for all keys');
          const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(
            new sdk.BatchGetItemCommand({
              RequestItems: {
                [name]: {
                  Keys: asked,
                  ConsistentRead: consistentRead,
                  ProjectionExpression: 'PK, #VAL',
                  ExpressionAttributeNames: NAMES,
                },
              },
            }),
          );
          for (const { PK, VAL } of Responses?.[name] ?? []) {
            if (PK?.S !== undefined && VAL?.B !== undefined) {
              size.add(PK.S.length + VAL.B.length);
              found.push([PK.S, VAL.B]);
            }
          }
          asked = UnprocessedKeys?.[name]?.Keys;
        }
      }
      return found;
    });
  }

  /** Not all or nothing: DynamoDB takes 25 at a time. Of a key that stands there twice, the last value counts. */
  setMany(pairs: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    return this.#write(
      [...new Map(pairs)].map(([key, value]) => ({ PutRequest: { Item: { PK: { S: key }, VAL: { B: value } } } })),
    );
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return this.#write([...new Set(keys)].map((key) => ({ DeleteRequest: { Key: { PK: { S: key } } } })));
  }

  /** A number in decimal, as Spin keeps it there. */
  increment(key: string, delta: bigint): Promise<bigint> {
    const { sdk, client, name } = this.#table;
    return told(async () => {
      for (let tries = 1; ; tries++) {
        await pause(tries, 'too many others count at the same time');
        const old = (await this.read(key, true))?.['VAL']?.B;
        const sum = numberIn(key, old) + delta;
        if (BigInt.asIntN(64, sum) !== sum) {
          throw otherError(`the number in ${JSON.stringify(key)} would not fit into 64 bits`);
        }
        const written = await this.update(
          client,
          {
            TableName: name,
            Key: { PK: { S: key } },
            UpdateExpression: 'SET #VAL = :new',
            ConditionExpression: old === undefined ? 'attribute_not_exists(#VAL)' : '#VAL = :old',
            ExpressionAttributeNames: NAMES,
            ExpressionAttributeValues: {
              ':new': { B: Buffer.from(String(sum)) },
              ...(old === undefined ? {} : { ':old': { B: old } }),
            },
          },
          sdk,
        );
        if (written) {
          return sum;
        }
      }
    });
  }

  compareAndSwap(key: string): CompareAndSwap {
    return new DynamoCompareAndSwap(this, this.#table, key);
  }

  async read(key: string, consistent: boolean): Promise<Record<string, AttributeValue> | undefined> {
    const { sdk, client, name } = this.#table;
    const request = {
      TableName: name,
      Key: { PK: { S: key } },
      ConsistentRead: consistent,
      ProjectionExpression: '#VAL, #VER',
      ExpressionAttributeNames: NAMES_WITH_VERSION,
    };
    return (await client.send(new sdk.GetItemCommand(request))).Item;
  }

  /** False when the condition does not hold. */
  async update(
    client: DynamoDBClient,
    request: ConstructorParameters<Sdk['UpdateItemCommand']>[0],
    sdk: Sdk,
  ): Promise<boolean> {
    try {
      await client.send(new sdk.UpdateItemCommand(request));
      return true;
    } catch (error) {
      if (error instanceof sdk.ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  #write(requests: WriteRequest[]): Promise<void> {
    const { sdk, client, name } = this.#table;
    return told(async () => {
      for (const some of inBatches(requests, MAX_WRITES)) {
        let asked: WriteRequest[] | undefined = some;
        for (let tries = 1; asked !== undefined && asked.length > 0; tries++) {
          await pause(tries, 'DynamoDB does not take all writes');
          const { UnprocessedItems }: { UnprocessedItems?: Record<string, WriteRequest[]> | undefined } =
            await client.send(new sdk.BatchWriteItemCommand({ RequestItems: { [name]: asked } }));
          asked = UnprocessedItems?.[name];
        }
      }
    });
  }
}

/** By version, or by value where the item has no version yet. */
class DynamoCompareAndSwap implements CompareAndSwap {
  readonly key: string;
  readonly #store: DynamoStore;
  readonly #table: Table;
  /** Undefined before the first `current`. */
  #condition: { readonly expression: string; readonly values: Record<string, AttributeValue> } | undefined;

  constructor(store: DynamoStore, table: Table, key: string) {
    this.#store = store;
    this.#table = table;
    this.key = key;
  }

  current(): Promise<Uint8Array | undefined> {
    return told(async () => {
      const item = await this.#store.read(this.key, true);
      const value = item?.['VAL']?.B;
      const version = item?.['VER'];
      if (value === undefined) {
        this.#condition = { expression: 'attribute_not_exists(#VAL)', values: {} };
      } else if (version?.N === undefined) {
        this.#condition = { expression: '#VAL = :old', values: { ':old': { B: value } } };
      } else {
        this.#condition = { expression: '#VER = :ver', values: { ':ver': version } };
      }
      new ResultSize().add(value?.length ?? 0);
      return value;
    });
  }

  swap(value: Uint8Array): Promise<boolean> {
    const { client, sdk, name } = this.#table;
    return told(() =>
      this.#store.update(
        client,
        {
          TableName: name,
          Key: { PK: { S: this.key } },
          UpdateExpression: 'SET #VAL = :val ADD #VER :one',
          ExpressionAttributeNames: NAMES_WITH_VERSION,
          ExpressionAttributeValues: { ':val': { B: value }, ':one': { N: '1' }, ...this.#condition?.values },
          ...(this.#condition === undefined ? {} : { ConditionExpression: this.#condition.expression }),
        },
        sdk,
      ),
    );
  }
}

function* inBatches<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) {
    yield all.slice(at, at + size);
  }
}

/** None before the first try. */
async function pause(tries: number, gaveUp: string): Promise<void> {
  if (tries > MAX_TRIES) {
    throw otherError(gaveUp);
  }
  if (tries > 1) {
    await sleep(tries * PAUSE_MS);
  }
}

function numberIn(key: string, value: Uint8Array | undefined): bigint {
  const text = value === undefined ? '0' : Buffer.from(value).toString('latin1');
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    throw otherError(`the value of ${JSON.stringify(key)} is not a number`);
  }
  return BigInt(text);
}

/** What DynamoDB says against it becomes the guest's error. */
async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KeyValueError || !(error instanceof Error)) {
      throw error;
    }
    throw otherError(`${error.name}: ${error.message}`, error);
  }
}
