// Key-value stores in a container of Azure Cosmos DB, laid out as Spin does: `id` the key and the partition key, `value`
// the bytes as a list of numbers, or a number where it counts (spin-contract.md §4.2). All labels of one container see the
// same keys.
import type { Container } from '@azure/cosmos';
import {
  KeyValueError,
  otherError,
  ResultSize,
  type CompareAndSwap,
  type KeyValueBackend,
  type KeyValueStore,
} from './backend.ts';
import type { CosmosStoreConfig } from './config.ts';

/** What Cosmos DB does not take in an id. */
const ILLEGAL = ['/', '\\', '?', '#'];

/** Reads of one batch under way at a time: as many as one client of theirs opens connections for by default. */
const READS_AT_ONCE = 16;

/** Others may count at the same time; who loses begins again. */
const MAX_TRIES = 20;

const [NOT_FOUND, CONFLICT, PRECONDITION_FAILED] = [404, 409, 412];

interface Document {
  readonly id: string;
  readonly value: readonly number[] | number;
}

/** `endpoint` is for tests. */
export function openCosmos(config: CosmosStoreConfig, endpoint?: string): KeyValueBackend {
  let opened: Promise<{ container: Container; dispose: () => void }> | undefined;
  return {
    summary: `Azure CosmosDB database: ${config.database}, container: ${config.container}`,
    synchronous: false,
    store: async () => new CosmosStore((await (opened ??= connect(config, endpoint))).container),
    close: async () => (await opened)?.dispose(),
  };
}

async function connect({ account, database, container, key }: CosmosStoreConfig, endpoint?: string) {
  // Loaded only by apps that keep something there.
  const { CosmosClient } = await import('@azure/cosmos');
  const credentials =
    key === undefined ? { aadCredentials: new (await import('@azure/identity')).DefaultAzureCredential() } : { key };
  const client = new CosmosClient({ endpoint: endpoint ?? `https://${account}.documents.azure.com/`, ...credentials });
  return { container: client.database(database).container(container), dispose: () => client.dispose() };
}

class CosmosStore implements KeyValueStore {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return told(async () => {
      const found = await this.#read(key);
      const value = found === undefined ? undefined : bytesOf(found.document);
      new ResultSize().add(value?.length ?? 0);
      return value;
    });
  }

  set(key: string, value: Uint8Array): Promise<void> {
    return told(async () => {
      await this.#container.items.upsert(documentOf(key, value));
    });
  }

  delete(key: string): Promise<void> {
    return told(async () => {
      await unless(NOT_FOUND, this.#item(key).delete());
    });
  }

  exists(key: string): Promise<boolean> {
    return told(async () => (await this.#read(key)) !== undefined);
  }

  keys(): Promise<string[]> {
    return told(async () => {
      const keys: string[] = [];
      const size = new ResultSize();
      const pages = this.#container.items.query<{ id: string }>('SELECT c.id FROM c').getAsyncIterator();
      for await (const { resources } of pages) {
        for (const { id } of resources) {
          size.add(id.length);
          keys.push(id);
        }
      }
      return keys;
    });
  }

  getMany(keys: readonly string[]): Promise<[string, Uint8Array][]> {
    return told(async () => {
      const wanted = [...new Set(keys)];
      const found: [string, Uint8Array][] = [];
      const size = new ResultSize();
      const reader = async (): Promise<void> => {
        for (let key = wanted.pop(); key !== undefined; key = wanted.pop()) {
          const read = await this.#read(key);
          if (read !== undefined) {
            const value = bytesOf(read.document);
            size.add(key.length + value.length);
            found.push([key, value]);
          }
        }
      };
      await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, wanted.length) }, reader));
      return found;
    });
  }

  /** One after the other, as Spin does: Cosmos DB has no transactions across partitions. */
  async setMany(pairs: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    for (const [key, value] of pairs) {
      await this.set(key, value);
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.delete(key);
    }
  }

  /** Numbers are what JSON has: whole up to 2^53. */
  increment(key: string, delta: bigint): Promise<bigint> {
    return told(async () => {
      const by = Number(delta);
      if (!Number.isSafeInteger(by)) {
        throw otherError('Cosmos DB counts up to 2^53 only');
      }
      for (let tries = 1; tries <= MAX_TRIES; tries++) {
        const patched = await unless(
          NOT_FOUND,
          this.#item(key).patch<Document>([{ op: 'incr', path: '/value', value: by }]),
        );
        const value = patched?.resource?.value;
        if (typeof value === 'number') {
          return wholeNumber(key, value);
        }
        if (await unless(CONFLICT, this.#container.items.create({ id: checked(key), value: by }))) {
          return delta;
        }
      }
      throw otherError('too many others count at the same time');
    });
  }

  compareAndSwap(key: string): CompareAndSwap {
    /** Undefined before the first `current`; null when it found nothing. */
    let seen: string | null | undefined;
    return {
      key,
      current: () =>
        told(async () => {
          const found = await this.#read(key);
          seen = found === undefined ? null : found.etag;
          return found === undefined ? undefined : bytesOf(found.document);
        }),
      swap: (value) =>
        told(async () => {
          const document = documentOf(key, value);
          if (seen === undefined) {
            await this.#container.items.upsert(document);
            return true;
          }
          if (seen === null) {
            return (await unless(CONFLICT, this.#container.items.create(document))) !== undefined;
          }
          const accessCondition = { type: 'IfMatch', condition: seen };
          const replaced = this.#item(key).replace(document, { accessCondition });
          return (await unless(PRECONDITION_FAILED, unless(NOT_FOUND, replaced))) !== undefined;
        }),
    };
  }

  /** The key becomes a part of a URL. */
  #item(key: string) {
    return this.#container.item(checked(key), key);
  }

  async #read(key: string): Promise<{ document: Document; etag: string } | undefined> {
    // The client gives no resource when there is none.
    const { resource, etag } = await this.#item(key).read<Document>();
    return resource === undefined ? undefined : { document: resource, etag };
  }
}

const documentOf = (key: string, value: Uint8Array): Document => ({ id: checked(key), value: [...value] });

function checked(key: string): string {
  if (key === '') {
    throw otherError('Key must not be empty');
  }
  if (ILLEGAL.some((character) => key.includes(character))) {
    throw otherError(`Key contains an illegal character. Keys must not include any of: ${ILLEGAL.join('')}`);
  }
  return key;
}

/** A number that was counted is its decimal digits. */
function bytesOf({ id, value }: Document): Uint8Array {
  if (typeof value === 'number') {
    return Buffer.from(String(value));
  }
  if (!Array.isArray(value) || !value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) {
    throw otherError(`the value of ${JSON.stringify(id)} was not written by a key-value store`);
  }
  return Uint8Array.from(value as readonly number[]);
}

function wholeNumber(key: string, value: number): bigint {
  if (!Number.isSafeInteger(value)) {
    throw otherError(`the number in ${JSON.stringify(key)} is not a whole number up to 2^53`);
  }
  return BigInt(value);
}

/** Undefined when Cosmos DB answers with that status. */
async function unless<T>(status: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === status) {
      return undefined;
    }
    throw error;
  }
}

/** What Cosmos DB says against it becomes the guest's error. */
async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KeyValueError || !(error instanceof Error)) {
      throw error;
    }
    throw otherError(error.message, error);
  }
}
