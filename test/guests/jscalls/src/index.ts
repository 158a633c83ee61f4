// Every call of Spin's Redis, MQTT, LLM, key-value and variables in TypeScript, one a line of the request:
// a JSON list `[call, ...arguments]` each, answered with a line of JSON. `redis.open`, `mqtt.open` and `kv.open` give what
// the calls after them use; bytes are `{ "hex": "…" }` in both directions, whole numbers of 64 bits `{ "int": "…" }`.
import { Store } from 'fermyon:spin/key-value@2.0.0';
import { generateEmbeddings, infer } from 'fermyon:spin/llm@2.0.0';
import { Connection as Mqtt } from 'fermyon:spin/mqtt@2.0.0';
import { Connection as Redis } from 'fermyon:spin/redis@2.0.0';
import { get as variable } from 'fermyon:spin/variables@2.0.0';

type Callable = Record<string, (...args: unknown[]) => unknown>;

const open: Record<string, Callable | undefined> = {};
const classes: Record<string, { open(...args: unknown[]): unknown }> = { redis: Redis, mqtt: Mqtt, kv: Store };
const functions: Callable = { 'llm.infer': infer, 'llm.embed': generateEmbeddings, 'variables.get': variable };

const fromJson = (_key: string, value: unknown): unknown => {
  const { hex, int } = (value ?? {}) as { hex?: string; int?: string };
  if (typeof hex === 'string') {
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  }
  return typeof int === 'string' ? BigInt(int) : value;
};

/** By name: what a host call gives is made in another realm. */
const isOf = <T>(value: unknown, name: string): value is T => Object.prototype.toString.call(value) === `[object ${name}]`;

const toJson = (_key: string, value: unknown): unknown => {
  if (isOf<Uint8Array>(value, 'Uint8Array')) {
    return { hex: Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  if (isOf<Float32Array>(value, 'Float32Array')) {
    return Array.from(value);
  }
  return typeof value === 'bigint' ? { int: String(value) } : value;
};

function call(name: string, args: unknown[]): unknown {
  const [what, method] = name.split('.') as [string, string];
  if (method === 'open') {
    open[what] = classes[what]?.open(...args) as Callable;
    return null;
  }
  return functions[name] === undefined ? open[what]?.[method]?.(...args) : functions[name](...args);
}

/** The error case of the result is what a host call throws. */
function attempt(line: string): string {
  const [name, ...args] = JSON.parse(line, fromJson) as [string, ...unknown[]];
  try {
    return JSON.stringify({ ok: call(name, args) ?? null }, toJson);
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    return JSON.stringify(payload === undefined ? { thrown: String(error) } : { err: payload }, toJson);
  }
}

addEventListener('fetch', (event) => {
  const { request, respondWith } = event as unknown as { request: Request; respondWith(response: unknown): void };
  const answer = async (): Promise<Response> => {
    const lines = (await request.text()).trimEnd().split('\n');
    return new Response(lines.map((line) => `${attempt(line)}\n`).join(''));
  };
  respondWith.call(event, answer());
});
