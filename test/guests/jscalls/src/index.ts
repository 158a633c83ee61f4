// Makes the host calls of the request in JavaScript, with Spin's SDK: a JSON list of `[call, ...arguments]`.
// The answer is a list of `{ "ok": … }`, `{ "err": … }` or `{ "thrown": … }`. A call is `<prefix>.<function of the interface>`;
// what it opens is used by the calls after it. Bytes are `{ "text": … }` where they are readable, else `{ "hex": … }`,
// integers of 64 bits `{ "int": "…" }`; the rest is as WIT has it in JavaScript. `scases` does the same in Rust.
// MySQL and LLM go through the packages of the SDK; the others, whose packages npm did not have, are imported as they are.
import * as llm from '@spinframework/spin-llm';
import * as mysql from '@spinframework/spin-mysql';
import * as kv from 'fermyon:spin/key-value@2.0.0';
import * as mqtt from 'fermyon:spin/mqtt@2.0.0';
import * as pg2 from 'fermyon:spin/postgres@2.0.0';
import * as redis from 'fermyon:spin/redis@2.0.0';
import * as sqlite2 from 'fermyon:spin/sqlite@2.0.0';
import * as variables from 'fermyon:spin/variables@2.0.0';
import * as pg3 from 'spin:postgres/postgres@3.0.0';
import * as pg4 from 'spin:postgres/postgres@4.2.0';
import * as sqlite3 from 'spin:sqlite/sqlite@3.1.0';
import * as config from 'wasi:config/store@0.2.0-draft-2024-09-27';
import * as atomics from 'wasi:keyvalue/atomics@0.2.0-draft2';
import * as batch from 'wasi:keyvalue/batch@0.2.0-draft2';
import * as store from 'wasi:keyvalue/store@0.2.0-draft2';

type Callable = Record<string, ((...args: unknown[]) => unknown) | undefined>;
type Open = Map<string, Callable>;

/** Resources that have an `open`, and functions, by prefix. */
const CLASSES: Record<string, unknown> = {
  kv: kv.Store,
  mqtt: mqtt.Connection,
  mysql,
  pg2: pg2.Connection,
  pg3: pg3.Connection,
  pg4: pg4.Connection,
  redis: redis.Connection,
  sqlite2: sqlite2.Connection,
  sqlite3: sqlite3.Connection,
  'wasi-kv': store,
};
const FUNCTIONS: Record<string, unknown> = { llm, variables, config };

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

const fromJson = (_key: string, value: unknown): unknown => {
  if (value === null || typeof value !== 'object' || Object.keys(value).length !== 1) {
    return value;
  }
  const { hex, text, int } = value as { hex?: string; text?: string; int?: string };
  if (typeof hex === 'string') {
    return bytes(hex);
  }
  if (typeof text === 'string') {
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  return typeof int === 'string' ? BigInt(int) : value;
};

/** By name: what a host call gives is made in another realm. */
const isOf = <T>(value: unknown, name: string): value is T => Object.prototype.toString.call(value) === `[object ${name}]`;

const toJson = (_key: string, value: unknown): unknown => {
  if (isOf<Uint8Array>(value, 'Uint8Array')) {
    return value.every((byte) => byte >= 32 && byte < 127)
      ? { text: String.fromCharCode(...value) }
      : { hex: Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  if (isOf<Float32Array>(value, 'Float32Array') || isOf<Int32Array>(value, 'Int32Array')) {
    return Array.from(value);
  }
  if (isOf<BigInt64Array>(value, 'BigInt64Array')) {
    return Array.from(value);
  }
  return typeof value === 'bigint' ? { int: String(value) } : value;
};

const camelCase = (name: string): string => name.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase());

/** The functions of wasi:keyvalue's other interfaces, which take what its store has opened. */
function keyvalue(open: Open, name: string, args: unknown[]): unknown {
  const bucket = open.get('wasi-kv') as never;
  switch (name) {
    case 'new':
      open.set('cas', atomics.Cas.new(bucket, ...(args as [never])) as never);
      return null;
    case 'current':
      return open.get('cas')?.current?.();
    case 'swap':
      try {
        return atomics.swap(open.get('cas') as never, args[0] as never);
      } catch (error) {
        const { payload } = error as { payload?: { tag: string; val: unknown } };
        if (payload?.tag === 'cas-failed') {
          open.set('cas', payload.val as Callable);
          throw { payload: { tag: 'cas-failed' } };
        }
        throw error;
      }
    default: {
      const found = ({ ...atomics, ...batch } as unknown as Callable)[camelCase(name)];
      return found === undefined ? (open.get('wasi-kv') as Callable)[camelCase(name)]?.(...args) : found(bucket, ...args);
    }
  }
}

async function fetched(method: string, url: string, headers: [string, string][], body: Uint8Array): Promise<unknown> {
  const response = await fetch(url, { method, headers, ...(body.length === 0 ? {} : { body }) });
  return { status: response.status, type: response.headers.get('content-type'), body: new Uint8Array(await response.arrayBuffer()) };
}

function call(open: Open, prefix: string, name: string, args: unknown[]): unknown {
  if (prefix === 'http') {
    return fetched(...(args as [string, string, [string, string][], Uint8Array]));
  }
  if (name === 'open') {
    open.delete(prefix);
    open.set(prefix, (CLASSES[prefix] as Callable).open?.(...args) as Callable);
    return null;
  }
  if (prefix === 'pg4' && name === 'connection-builder') {
    open.set('builder', new pg4.ConnectionBuilder(args[0] as string) as never);
    return null;
  }
  if (prefix === 'pg4' && name === 'set-ca-root') {
    return open.get('builder')?.setCaRoot?.(...args);
  }
  if (prefix === 'pg4' && name === 'build') {
    open.set('pg4', open.get('builder')?.build?.() as Callable);
    return null;
  }
  if (prefix === 'wasi-kv') {
    return keyvalue(open, name, args);
  }
  const functions = (FUNCTIONS[prefix] ?? open.get(prefix)) as Callable | undefined;
  const found = functions?.[camelCase(name)];
  if (found === undefined) {
    throw new Error(`no call ${prefix}.${name}`);
  }
  return found.call(functions, ...args);
}

/** The error case of the result is what a host call throws. */
async function attempt(open: Open, [name, ...args]: [string, ...unknown[]]): Promise<unknown> {
  try {
    const [prefix, method] = name.split('.') as [string, string];
    return { ok: (await call(open, prefix, method, args)) ?? null };
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    return payload === undefined ? { thrown: String(error) } : { err: payload };
  }
}

addEventListener('fetch', (event) => {
  const { request, respondWith } = event as unknown as { request: Request; respondWith(response: unknown): void };
  const answer = async (): Promise<Response> => {
    const open: Open = new Map();
    const answers: unknown[] = [];
    for (const line of JSON.parse(await request.text(), fromJson) as [string, ...unknown[]][]) {
      answers.push(await attempt(open, line));
    }
    return new Response(JSON.stringify(answers, toJson));
  };
  respondWith.call(event, answer());
});
