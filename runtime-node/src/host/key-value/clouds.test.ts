// The stores in the two clouds against stand-ins, and SQLite beside them: all pass the same suite.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyValueError, type KeyValueBackend } from './backend.ts';
import { openCosmos } from './cosmos.ts';
import { openDynamo } from './dynamo.ts';
import { openInMemory } from './open-sqlite.ts';
import { COSMOS, startCosmos } from './testing/cosmos.ts';
import { DYNAMO, startDynamo } from './testing/dynamo.ts';
import type { JsonServer } from './testing/json-server.ts';
import { storeSuite, type Opened } from './testing/store-suite.ts';

async function opened(backend: KeyValueBackend, server?: JsonServer): Promise<Opened> {
  return {
    store: await backend.store('label'),
    async [Symbol.asyncDispose]() {
      await backend.close();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

const cosmosAt = (url: string, key = COSMOS.key): KeyValueBackend =>
  openCosmos({ type: 'azure_cosmos', account: 'a', ...COSMOS, key }, url);

const dynamoAt = (url: string, accessKey = DYNAMO.accessKey): KeyValueBackend => {
  const credentials = { accessKey, secretKey: DYNAMO.secretKey, token: undefined };
  return openDynamo(
    { type: 'aws_dynamo', region: 'eu-north-1', table: DYNAMO.table, credentials, consistentRead: true },
    url,
  );
};

describe('a store in SQLite', () => {
  storeSuite(async () => opened(await openInMemory()));
});

describe('a store in Azure Cosmos DB', () => {
  storeSuite(async () => {
    const server = await startCosmos();
    return opened(cosmosAt(server.url), server);
  });
});

describe('a store in Amazon DynamoDB', () => {
  storeSuite(async () => {
    const server = await startDynamo();
    return opened(dynamoAt(server.url), server);
  });
});

describe('what a cloud does not take', () => {
  let cosmos: JsonServer;
  let dynamo: JsonServer;

  beforeAll(async () => {
    cosmos = await startCosmos();
    dynamo = await startDynamo();
  });

  afterAll(async () => {
    await cosmos[Symbol.asyncDispose]();
    await dynamo[Symbol.asyncDispose]();
  });

  it.each(['a/b', 'a\\b', 'a?b', 'a#b', '../x'])('is a key %j in Cosmos DB', async (key) => {
    const store = await cosmosAt(cosmos.url).store('l');
    const illegal = 'Key contains an illegal character. Keys must not include any of: /\\?#';
    for (const act of [
      () => store.set(key, new Uint8Array(1)),
      () => store.get(key),
      () => store.delete(key),
      () => store.exists(key),
      () => store.increment(key, 1n),
    ]) {
      await expect(async () => act()).rejects.toThrow(illegal);
    }
  });

  it('is an empty key in either', async () => {
    await expect(async () => (await cosmosAt(cosmos.url).store('l')).get('')).rejects.toThrow(KeyValueError);
    await expect(async () => (await dynamoAt(dynamo.url).store('l')).get('')).rejects.toThrow(
      /cannot contain an empty/,
    );
  });

  it('is a number that JSON cannot hold, in Cosmos DB', async () => {
    const store = await cosmosAt(cosmos.url).store('l');
    await expect(async () => store.increment('n', 2n ** 60n)).rejects.toThrow('counts up to 2^53 only');
    await store.increment('n', 2n ** 53n - 1n);
    await expect(async () => store.increment('n', 2n ** 53n - 1n)).rejects.toThrow('not a whole number');
  });

  it('gives what was counted as its digits, in either', async () => {
    for (const backend of [cosmosAt(cosmos.url), dynamoAt(dynamo.url)]) {
      const store = await backend.store('l');
      await store.increment('digits', 42n);
      expect(Buffer.from((await store.get('digits')) ?? []).toString()).toBe('42');
      await backend.close();
    }
  });

  it('is said without the secrets: a wrong key, and a server that is not there', async () => {
    const wrong = [dynamoAt(dynamo.url, 'AKIDOTHER'), dynamoAt('http://127.0.0.1:1'), cosmosAt('http://127.0.0.1:1')];
    for (const backend of wrong) {
      const store = await backend.store('l');
      const error: unknown = await Promise.resolve(store.get('k')).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(KeyValueError);
      expect(String(error)).not.toMatch(new RegExp(`${DYNAMO.secretKey}|${COSMOS.key}`));
      await backend.close();
    }
  });
});
