// Host functions that reach out of the guest, observed: a span for each call, with Spin's names (spin-contract.md §8.1), and a
// count of those that have succeeded and failed. Requests over HTTP are observed where they are made. Nothing of what a call
// says is told, for statements, keys and values may be secret.
import type { HostFunction, HostInterface, Result } from '../component/index.ts';
import type { Guest } from '../host/guest.ts';
import type { Attributes } from '../telemetry/span.ts';

interface Observed {
  /** Of the span's name. */
  readonly prefix: string;
  /** By the name of the function, without its resource. */
  readonly functions: readonly string[];
  readonly attributes?: Attributes;
}

const KEY_VALUE = ['open', 'get', 'set', 'delete', 'exists', 'get-keys'];
const SQL = ['open', 'query', 'execute', 'build'];
const REDIS = ['open', 'publish', 'get', 'set', 'incr', 'del', 'sadd', 'smembers', 'srem', 'execute'];

const POSTGRES: Observed = { prefix: 'spin_outbound_pg', functions: SQL, attributes: { 'db.system': 'postgresql' } };
const REDIS_CALLS: Observed = { prefix: 'spin_outbound_redis', functions: REDIS, attributes: { 'db.system': 'redis' } };
const SQLITE: Observed = {
  prefix: 'spin_sqlite',
  functions: ['open', 'execute'],
  attributes: { 'db.system': 'sqlite' },
};
const MQTT: Observed = {
  prefix: 'spin_outbound_mqtt',
  functions: ['open', 'publish'],
  attributes: { 'messaging.system': 'mqtt' },
};

/** By package and interface, whatever the version. */
const OBSERVED: Readonly<Record<string, Observed>> = {
  'fermyon:spin/key-value': { prefix: 'spin_key_value', functions: KEY_VALUE },
  'wasi:keyvalue/store': { prefix: 'wasi_key_value', functions: [...KEY_VALUE, 'list-keys'] },
  'wasi:keyvalue/batch': { prefix: 'wasi_key_value', functions: ['get-many', 'set-many', 'delete-many'] },
  'wasi:keyvalue/atomics': { prefix: 'wasi_key_value_cas', functions: ['new', 'current', 'increment', 'swap'] },
  'fermyon:spin/sqlite': SQLITE,
  'spin:sqlite/sqlite': SQLITE,
  'fermyon:spin/variables': { prefix: 'spin_variables', functions: ['get'] },
  'fermyon:spin/config': { prefix: 'spin_config', functions: ['get-config'] },
  'wasi:config/store': { prefix: 'wasi_config', functions: ['get', 'get-all'] },
  'fermyon:spin/postgres': POSTGRES,
  'spin:postgres/postgres': POSTGRES,
  'fermyon:spin/mysql': { prefix: 'spin_outbound_mysql', functions: SQL, attributes: { 'db.system': 'mysql' } },
  'fermyon:spin/redis': REDIS_CALLS,
  'spin:redis/redis': REDIS_CALLS,
  'fermyon:spin/mqtt': MQTT,
  'spin:mqtt/mqtt': MQTT,
  'fermyon:spin/llm': { prefix: 'spin_llm', functions: ['infer', 'generate-embeddings'] },
};

/** Whose first parameter is a model. */
const LLM_INFER = 'spin_llm.infer';

/** Where Spin calls a function otherwise than its interface does. */
const RENAMED: Readonly<Record<string, string>> = {
  'spin_outbound_redis.open': 'spin_outbound_redis.open_connection',
  'spin_outbound_mqtt.open': 'spin_outbound_mqtt.open_connection',
  'spin_config.get_config': 'spin_config.get',
};

/** The interface with those of its functions observed that are to be. */
export function observedInterface(name: string, hostInterface: HostInterface<Guest>): HostInterface<Guest> {
  const observed = OBSERVED[name.split('@', 1)[0] ?? ''];
  if (observed === undefined) {
    return hostInterface;
  }
  const functions = Object.entries(hostInterface.functions).map(([key, host]) => {
    const [last = ''] = key.split(/[\].]/).slice(-1);
    // Asynchronous functions go by the names of those that they stand beside.
    const plain = last.replace(/-async$/, '');
    return [
      key,
      observed.functions.includes(plain)
        ? observedFunction(host, spanName(observed.prefix, plain), {
            attributes: observed.attributes ?? {},
            counted: hostInterface.repeatable !== true,
          })
        : host,
    ] as const;
  });
  return { ...hostInterface, functions: Object.fromEntries(functions) };
}

function spanName(prefix: string, plain: string): string {
  const name = `${prefix}.${plain.replaceAll('-', '_')}`;
  return RENAMED[name] ?? name;
}

/** `counted`: a call happens once, and not again when the guest is called again. */
function observedFunction(
  host: HostFunction<Guest>,
  name: string,
  { attributes, counted }: { attributes: Attributes; counted: boolean },
): HostFunction<Guest> {
  const isModel = name === LLM_INFER;
  const call = host.call as (guest: Guest, ...args: unknown[]) => unknown;
  return {
    waits: host.waits,
    call: (guest: Guest, ...args: unknown[]) => {
      const span = guest.call.trace?.begin({ name, kind: 'client', attributes });
      const ended = (failure: string | undefined): void => {
        span?.end(failure);
        if (counted) {
          // Of models only those that answer: a guest can make up names.
          guest.component.counted?.(
            name,
            failure === undefined,
            failure === undefined && isModel ? String(args[0]) : undefined,
          );
        }
      };
      let answer: unknown;
      try {
        answer = call(guest, ...args);
      } catch (error) {
        ended('trap');
        throw error;
      }
      if (!(answer instanceof Promise)) {
        ended(failureOf(answer));
        return answer;
      }
      return answer.then(
        (settled: unknown) => {
          ended(failureOf(settled));
          return settled;
        },
        (error: unknown) => {
          ended('trap');
          throw error;
        },
      );
    },
  };
}

/** The name of the error alone: its text may hold an address with its password. */
function failureOf(answer: unknown): string | undefined {
  const { tag, val } = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<
    Result<unknown, unknown>
  >;
  if (tag !== 'err') {
    return undefined;
  }
  const named = typeof val === 'object' && val !== null && 'tag' in val ? val.tag : undefined;
  return typeof named === 'string' ? named : 'error';
}
