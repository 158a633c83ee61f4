// `[key_value_store.<label>]` of the runtime configuration (spin-contract.md §5.1).
import { UserError } from '@spindle/api';

/** A store on SQLite; without a path it lives in memory. */
export interface StoreConfig {
  readonly type: 'spin';
  /** As written; relative to the directory of the runtime configuration. */
  readonly path: string | undefined;
}

export type KeyValueConfig = ReadonlyMap<string, StoreConfig>;

const SECTION = 'key_value_store';

/** Types that Spin has and this version has not. */
const LATER = new Set(['redis', 'azure_cosmos', 'aws_dynamo']);

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
  const { type, path, ...unknown } = raw;
  checkType(`${field}.type`, type);
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw new UserError(`${field}.path is not a path`, {
      code: 'SPK4001',
      field: `${field}.path`,
      remedy: 'Give the path of a file in quotes, or leave it out for a store in memory.',
    });
  }
  const [first] = Object.keys(unknown);
  if (first !== undefined) {
    throw new UserError(`unknown key ${field}.${first}`, {
      code: 'SPK4001',
      field: `${field}.${first}`,
      remedy: 'A store of type "spin" has the keys type and path.',
    });
  }
  return { type: 'spin', path };
}

function checkType(field: string, type: unknown): void {
  if (type === 'spin') {
    return;
  }
  if (typeof type === 'string' && LATER.has(type)) {
    throw new UserError(`key-value stores of type "${type}" come in a later version of Spindle`, {
      code: 'SPK4001',
      field,
      remedy: 'Use type = "spin" until then.',
    });
  }
  throw new UserError(
    type === undefined ? `${field} is missing` : `${JSON.stringify(type)} is no type of key-value store`,
    { code: 'SPK4001', field, remedy: 'Use type = "spin".' },
  );
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
