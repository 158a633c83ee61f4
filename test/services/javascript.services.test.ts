// A guest in TypeScript, made with Spin's tools, makes every call of Redis, MQTT, LLM, key-value and variables.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type RunningMosquitto } from '../../hack/services/mosquitto.ts';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import type { Served } from '../conformance/serve-manifest.ts';
import { calls, serveText } from './run-cases.ts';

let redis: RunningRedis;
let broker: RunningMosquitto;
let served: Served;

const MANIFEST = `spin_manifest_version = 2
[application]
name = "jscalls"
[variables]
who = { default = "world" }
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "\${JSCALLS}"
allowed_outbound_hosts = ["redis://127.0.0.1:*", "mqtt://127.0.0.1:*"]
key_value_stores = ["default"]
ai_models = ["m"]
[component.c.variables]
greeting = "hello {{ who }}"
`;

beforeAll(async () => {
  redis = await startRedis();
  broker = await startMosquitto();
  const store = `[key_value_store.default]\ntype = "redis"\nurl = "${redis.address}/2"\n`;
  served = await serveText(MANIFEST, {}, store);
});

afterAll(async () => {
  await served?.stop();
  await redis?.stop();
  await broker?.stop();
});

type Rows = readonly (readonly [call: readonly unknown[], result: unknown])[];

/** The calls in order with what each gives. */
async function made(rows: Rows): Promise<Rows> {
  const lines = await calls(served, rows.map(([call]) => JSON.stringify(call)).join('\n'));
  return lines.map((line, at) => [rows[at]?.[0] ?? [], JSON.parse(line) as unknown] as const);
}

const ok = (value: unknown): object => ({ ok: value });
const err = (value: unknown): object => ({ err: value });
const hex = (text: string): object => ({ hex: Buffer.from(text, 'latin1').toString('hex') });
const int = (value: number): object => ({ int: String(value) });

describe('a guest in TypeScript', () => {
  it('makes every call of Redis', async () => {
    const wrongType = { tag: 'other', val: 'WRONGTYPE: Operation against a key holding the wrong kind of value' };
    const rows: Rows = [
      [['redis.open', 'redis://denied:6379'], err({ tag: 'invalid-address' })],
      [['redis.open', redis.address], ok(null)],
      [['redis.get', 'k'], ok(null)],
      [['redis.set', 'k', hex('\u0000\u00ff')], ok(null)],
      [['redis.get', 'k'], ok(hex('\u0000\u00ff'))],
      [['redis.incr', 'n'], ok(int(1))],
      [['redis.sadd', 's', ['a', 'b']], ok(2)],
      [['redis.smembers', 'n'], err(wrongType)],
      [['redis.sadd', 'n', ['a']], err({ tag: 'type-error' })],
      [['redis.srem', 's', ['a']], ok(1)],
      [['redis.smembers', 's'], ok(['b'])],
      [['redis.publish', 'c', hex('m')], ok(null)],
      [
        [
          'redis.execute',
          'INCRBY',
          [
            { tag: 'binary', val: hex('n') },
            { tag: 'int64', val: int(41) },
          ],
        ],
        ok([{ tag: 'int64', val: int(42) }]),
      ],
      [['redis.execute', 'PING', []], ok([{ tag: 'status', val: 'PONG' }])],
      [['redis.execute', 'GET', [{ tag: 'binary', val: hex('none') }]], ok([{ tag: 'nil' }])],
      [['redis.execute', 'GET', [{ tag: 'binary', val: hex('k') }]], ok([{ tag: 'binary', val: hex('\u0000\u00ff') }])],
      [['redis.del', ['k', 'n', 's', 'none']], ok(3)],
    ];
    expect(await made(rows)).toEqual(rows);
  });

  it('makes every call of MQTT, LLM and variables', async () => {
    const local = { tag: 'runtime-error', val: 'Local LLM operations are not supported in this version of Spin.' };
    const denied =
      "The component does not have access to use 'x'. To give the component access, add 'x' to the 'ai_models' key for the component in your spin.toml manifest";
    const rows: Rows = [
      [['mqtt.open', `${broker.address}?client_id=js`, '', '', int(5)], ok(null)],
      [['mqtt.publish', 't', hex('x'), 'at-most-once'], ok(null)],
      [['mqtt.publish', 't', hex('x'), 'at-least-once'], ok(null)],
      [['mqtt.publish', 't', hex(''), 'exactly-once'], ok(null)],
      [['llm.infer', 'm', 'hi'], err(local)],
      [['llm.embed', 'x', ['hi']], err({ tag: 'invalid-input', val: denied })],
      [['variables.get', 'greeting'], ok('hello world')],
      [['variables.get', 'none'], err({ tag: 'undefined', val: 'no variable for "c"."none"' })],
    ];
    expect(await made(rows)).toEqual(rows);
  });

  it('makes every call of key-value, in Redis', async () => {
    const rows: Rows = [
      [['kv.open', 'other'], err({ tag: 'access-denied' })],
      [['kv.open', 'default'], ok(null)],
      [['kv.getKeys'], ok([])],
      [['kv.set', 'k', hex('v')], ok(null)],
      [['kv.get', 'k'], ok(hex('v'))],
      [['kv.exists', 'k'], ok(true)],
      [['kv.getKeys'], ok(['k'])],
      [['kv.delete', 'k'], ok(null)],
      [['kv.get', 'k'], ok(null)],
    ];
    expect(await made(rows)).toEqual(rows);
  });
});
