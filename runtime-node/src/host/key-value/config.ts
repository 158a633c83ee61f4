// `[key_value_store.<label>]` of the runtime configuration (spin-contract.md §5.1). Errors name keys, never values: some
// are secret.
import { UserError } from '@spindle/api';
import { parseRedisUrl, type RedisTarget } from '../redis/target.ts';

/** A store on SQLite; without a path it lives in memory. */
export interface SpinStoreConfig {
  readonly type: 'spin';
  /** As written; relative to the directory of the runtime configuration. */
  readonly path: string | undefined;
}

export interface RedisStoreConfig {
  readonly type: 'redis';
  readonly target: RedisTarget;
}

export interface CosmosStoreConfig {
  readonly type: 'azure_cosmos';
  readonly account: string;
  readonly database: string;
  readonly container: string;
  /** Undefined: whatever Azure finds around this process. */
  readonly key: string | undefined;
}

export interface DynamoStoreConfig {
  readonly type: 'aws_dynamo';
  readonly region: string;
  readonly table: string;
  /** Undefined: whatever AWS finds around this process. */
  readonly credentials: DynamoCredentials | undefined;
  readonly consistentRead: boolean;
}

export interface DynamoCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly token: string | undefined;
}

export type StoreConfig = SpinStoreConfig | RedisStoreConfig | CosmosStoreConfig | DynamoStoreConfig;
export type KeyValueConfig = ReadonlyMap<string, StoreConfig>;

const SECTION = 'key_value_store';

const REDIS_URL = 'a URL such as "redis://localhost:6379"';

const TYPES = ['spin', 'redis', 'azure_cosmos', 'aws_dynamo'] as const;

export function parseKeyValueConfig(raw: Readonly<Record<string, unknown>>): KeyValueConfig {
  const stores = raw[SECTION] ?? {};
  if (!isTable(stores)) {
    throw new UserError(`${SECTION} is not a table`, {
      code: 'SPK4001',
      field: SECTION,
      remedy: `Write [${SECTION}.<label>].`,
    });
  }
  return new Map(Object.entries(stores).map(([label, store]) => [label, parseStore(`${SECTION}.${label}`, store)]));
}

function parseStore(field: string, raw: unknown): StoreConfig {
  if (!isTable(raw)) {
    throw new UserError(`${field} is not a table`, {
      code: 'SPK4001',
      field,
      remedy: `Write [${field}] with type = "spin".`,
    });
  }
  const type = TYPES.find((known) => known === raw['type']);
  switch (type) {
    case 'spin':
      return { type, path: keys(field, raw, ['path']).optional('path', 'a path') };
    case 'redis':
      return { type, target: redisTarget(field, keys(field, raw, ['url']).required('url', REDIS_URL)) };
    case 'azure_cosmos': {
      const table = keys(field, raw, ['account', 'database', 'container', 'key']);
      return {
        type,
        account: account(field, table.required('account', 'the name of an account')),
        database: table.required('database', 'the name of a database'),
        container: table.required('container', 'the name of a container'),
        key: table.optional('key', 'a key'),
      };
    }
    case 'aws_dynamo':
      return parseDynamo(field, raw);
    case undefined: {
      const given = raw['type'];
      throw new UserError(
        given === undefined ? `${field}.type is missing` : `${JSON.stringify(given)} is no type of key-value store`,
        {
          code: 'SPK4001',
          field: `${field}.type`,
          remedy: `Write one of ${TYPES.map((one) => `"${one}"`).join(', ')}.`,
        },
      );
    }
  }
}

function parseDynamo(field: string, raw: Readonly<Record<string, unknown>>): DynamoStoreConfig {
  const table = keys(field, raw, ['region', 'table', 'access_key', 'secret_key', 'token', 'consistent_read']);
  const accessKey = table.optional('access_key', 'an access key');
  const secretKey = table.optional('secret_key', 'a secret key');
  const token = table.optional('token', 'a token');
  const consistentRead = raw['consistent_read'] ?? false;
  if (typeof consistentRead !== 'boolean') {
    throw wrong(`${field}.consistent_read`, 'true or false');
  }
  if ((accessKey === undefined) !== (secretKey === undefined) || (token !== undefined && accessKey === undefined)) {
    throw new UserError(`${field} has only a part of its credentials`, {
      code: 'SPK4001',
      field: `${field}.access_key`,
      remedy: 'Give access_key and secret_key, or neither for the credentials of the environment.',
    });
  }
  return {
    type: 'aws_dynamo',
    region: table.required('region', 'a region'),
    table: table.required('table', 'the name of a table'),
    credentials: accessKey === undefined || secretKey === undefined ? undefined : { accessKey, secretKey, token },
    consistentRead,
  };
}

function redisTarget(field: string, url: string): RedisTarget {
  const target = parseRedisUrl(url);
  if (target === undefined) {
    throw wrong(`${field}.url`, REDIS_URL);
  }
  return target;
}

/** It becomes a part of a host name. */
function account(field: string, name: string): string {
  if (!/^[a-z0-9-]{1,63}$/.test(name)) {
    throw wrong(`${field}.account`, 'the name of an account');
  }
  return name;
}

/** A table with no other keys than these and `type`, read as strings. */
function keys(field: string, raw: Readonly<Record<string, unknown>>, known: readonly string[]) {
  const unknown = Object.keys(raw).find((key) => key !== 'type' && !known.includes(key));
  if (unknown !== undefined) {
    throw new UserError(`unknown key ${field}.${unknown}`, {
      code: 'SPK4001',
      field: `${field}.${unknown}`,
      remedy: `A store of type "${String(raw['type'])}" has the keys type, ${known.join(', ')}.`,
    });
  }
  const optional = (key: string, what: string): string | undefined => {
    const value = raw[key];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw wrong(`${field}.${key}`, what);
    }
    return value;
  };
  return {
    optional,
    required(key: string, what: string): string {
      const value = optional(key, what);
      if (value === undefined) {
        throw new UserError(`${field}.${key} is missing`, {
          code: 'SPK4001',
          field: `${field}.${key}`,
          remedy: `Give ${what} in quotes.`,
        });
      }
      return value;
    },
  };
}

const wrong = (field: string, what: string): UserError =>
  new UserError(`${field} is not ${what}`, { code: 'SPK4001', field, remedy: `Give ${what}, text in quotes.` });

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
