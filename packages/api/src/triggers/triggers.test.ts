import { describe, expect, it } from 'vitest';

import type { LockedTrigger } from '../locked-app/types.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { checkHttpMetadata, type HttpTrigger, parseHttpTrigger } from './http.ts';
import { parseCommandTrigger } from './command.ts';
import { parseCronTrigger } from './cron.ts';
import { parseMqttGlobals, parseMqttTrigger } from './mqtt.ts';
import { parseRedisGlobals, parseRedisTrigger } from './redis.ts';
import { parseSqsTrigger } from './sqs.ts';

const trigger = (config: Record<string, unknown>): LockedTrigger => ({
  id: 't',
  trigger_type: 'any',
  trigger_config: config,
});

const http = (config: Record<string, unknown>): HttpTrigger => parseHttpTrigger(trigger({ route: '/x', ...config }));

describe('an HTTP trigger of a locked app', () => {
  it.each([
    [undefined, { kind: 'http' }],
    [{ type: 'http' }, { kind: 'http' }],
    [{ type: 'spin' }, { kind: 'http' }],
    [{ type: 'wagi' }, { kind: 'wagi', argv: '${SCRIPT_NAME} ${ARGS}' }],
    [
      { type: 'wagi', argv: 'x', entrypoint: '_start' },
      { kind: 'wagi', argv: 'x' },
    ],
  ])('with the executor %j runs its component by %j', (executor, expected) => {
    expect(http({ component: 'c', executor })).toEqual({
      id: 't',
      route: { kind: 'public', raw: '/x' },
      handler: { kind: 'component', component: 'c', executor: expected },
    });
  });

  it('may be private', () => {
    expect(http({ component: 'c', route: { private: true } }).route).toEqual({ kind: 'private' });
  });

  it('may answer by itself', () => {
    expect(http({ static_response: {} }).handler).toEqual({
      kind: 'static',
      response: { statusCode: 200, headers: new Map(), body: undefined },
    });
    expect(http({ static_response: { status_code: 302, headers: { location: '/a' }, body: 'b' } }).handler).toEqual({
      kind: 'static',
      response: { statusCode: 302, headers: new Map([['location', '/a']]), body: 'b' },
    });
  });

  it.each([
    [{}, '', 'Triggers must specify either component or static_response - t has neither'],
    [
      { component: 'c', static_response: {} },
      '',
      'Triggers must specify either component or static_response - t has both',
    ],
    [
      { component: 'c', colour: 1 },
      '.colour',
      'unknown field `colour`, expected one of `component`, `static_response`, `route`, `executor`',
    ],
    [{ component: 'c', route: undefined }, '', 'missing field `route`'],
    [{ component: 'c', route: 1 }, '.route', 'expected a string'],
    [{ component: 'c', route: { private: false } }, '.route', "'c' has { private = false }"],
    [{ component: 'c', route: '/:' }, '.route', 'params must be named'],
    [{ component: 1 }, '.component', 'expected a string'],
    [{ component: 'c', executor: { type: 'wasi' } }, '.executor.type', 'unknown variant `wasi`'],
    [{ component: 'c', executor: {} }, '.executor', 'missing field `type`'],
    [{ component: 'c', executor: 'wagi' }, '.executor', 'expected a map'],
    [
      { component: 'c', executor: { type: 'wagi', x: 1 } },
      '.executor.x',
      'unknown field `x`, expected one of `type`, `argv`, `entrypoint`',
    ],
    [{ component: 'c', executor: { type: 'wagi', argv: ['x'] } }, '.executor.argv', 'expected a string'],
    [{ component: 'c', executor: { type: 'wagi', entrypoint: 1 } }, '.executor.entrypoint', 'expected a string'],
    [
      { component: 'c', executor: { type: 'wagi', entrypoint: 'main' } },
      '.executor.entrypoint',
      "Wagi component 'c' cannot use deprecated 'entrypoint' field",
    ],
    [{ static_response: { headers: { a: 1 } } }, '.static_response.headers.a', 'expected a string'],
  ])('is refused: %j', (config, field, message) => {
    const error = userError(() => http(config));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(`triggers.t.trigger_config${field}`);
  });
});

describe('the base of an old HTTP app', () => {
  it.each([
    [{ triggers: { http: { base: '/x' } } }, 'metadata.triggers.http.base'],
    [{ trigger: { type: 'http', base: '/x' } }, 'metadata.trigger.base'],
  ])('is refused: %j', (metadata, field) => {
    const error = userError(() => checkHttpMetadata({ metadata }));
    expect(error.message).toContain("deprecated trigger 'base' field");
    expect(error.place.field).toBe(field);
  });

  it.each([
    { triggers: { http: { base: '/' } }, trigger: { type: 'http', base: '/' } },
    { trigger: { type: 'redis', base: '/x' } },
    {},
  ])('may be what it is without: %j', (metadata) => {
    expect(thrown(() => checkHttpMetadata({ metadata }))).toBeUndefined();
  });
});

describe('a Redis trigger of a locked app', () => {
  it('has a channel, and perhaps an address', () => {
    const base = { id: 't', component: 'c', channel: '{{ ch }}' };
    expect(parseRedisTrigger(trigger({ component: 'c', channel: '{{ ch }}' }))).toEqual({
      ...base,
      address: undefined,
    });
    expect(parseRedisTrigger(trigger({ component: 'c', channel: '{{ ch }}', address: 'redis://r' }))).toEqual({
      ...base,
      address: 'redis://r',
    });
  });

  it.each([
    [{ component: 'c' }, 'missing field `channel`'],
    [{ channel: 'c' }, 'missing field `component`'],
    [{ component: 'c', channel: 'c', pattern: 'x' }, 'unknown field `pattern`'],
  ])('is refused: %j', (config, message) => {
    expect(userError(() => parseRedisTrigger(trigger(config))).message).toContain(message);
  });
});

describe('the address of all Redis triggers', () => {
  it.each([
    [{ triggers: { redis: { address: 'redis://a' } } }, 'redis://a'],
    [{ trigger: { type: 'redis', address: 'redis://b' } }, 'redis://b'],
    [{ trigger: { type: 'redis' } }, undefined],
    [{ trigger: { type: 'http', address: 'redis://c' } }, undefined],
    [{}, undefined],
  ])('is found in %j', (metadata, address) => {
    expect(parseRedisGlobals({ metadata })).toBe(address);
  });

  it('stands there with nothing else', () => {
    const error = userError(() => parseRedisGlobals({ metadata: { triggers: { redis: { adress: 'x' } } } }));
    expect(error.place.field).toBe('metadata.triggers.redis.adress');
  });
});

describe('an MQTT trigger of a locked app', () => {
  it('has a topic and a quality of service', () => {
    expect(parseMqttTrigger(trigger({ component: 'c', topic: 'a/+/#', qos: '2' }))).toEqual({
      id: 't',
      component: 'c',
      topic: 'a/+/#',
      qos: 2,
    });
  });

  it.each([
    [{ component: 'c', qos: '0' }, '', 'missing field `topic`'],
    [{ component: 'c', topic: 't' }, '', 'missing field `qos`'],
    [{ topic: 't', qos: '1' }, '', 'missing field `component`'],
    [{ component: 'c', topic: 't', qos: 1 }, '.qos', 'expected a string'],
    [{ component: 'c', topic: 't', qos: '3' }, '.qos', 'unknown quality of service "3"'],
    [{ component: 'c', topic: 't', qos: '1', x: 1 }, '.x', 'unknown field `x`'],
  ])('is refused: %j', (config, field, message) => {
    const error = userError(() => parseMqttTrigger(trigger(config)));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(`triggers.t.trigger_config${field}`);
  });

  it('has a broker, with all that is needed to reach it', () => {
    const mqtt = { address: 'mqtt://b', username: 'u', password: 'p', keep_alive_interval: '30' };
    expect(parseMqttGlobals({ metadata: { triggers: { mqtt } } })).toEqual({
      address: 'mqtt://b',
      username: 'u',
      password: 'p',
      keepAliveInterval: '30',
    });
    for (const name of Object.keys(mqtt)) {
      const without = { ...mqtt, [name]: undefined };
      const error = userError(() => parseMqttGlobals({ metadata: { triggers: { mqtt: without } } }));
      expect(error.message).toBe(`missing field \`${name}\``);
    }
    expect(parseMqttGlobals({ metadata: {} })).toBeUndefined();
  });
});

describe('a cron trigger of a locked app', () => {
  it('has an expression', () => {
    expect(parseCronTrigger(trigger({ component: 'c', cron_expression: '1/2 * * * * *' }))).toEqual({
      id: 't',
      component: 'c',
      expression: '1/2 * * * * *',
    });
  });

  it.each([
    [{ component: 'c' }, 'missing field `cron_expression`'],
    [{ component: 'c', cron_expression: 5 }, 'expected a string'],
    [{ component: 'c', cron_expression: '', zone: 'UTC' }, 'unknown field `zone`'],
  ])('is refused: %j', (config, message) => {
    expect(userError(() => parseCronTrigger(trigger(config))).message).toContain(message);
  });
});

describe('an SQS trigger of a locked app', () => {
  const queue_url = 'https://sqs.eu-west-1.amazonaws.com/1/q';

  it('has a queue, and defaults for all else', () => {
    const expected = { id: 't', component: 'c', queueUrl: queue_url };
    expect(parseSqsTrigger(trigger({ component: 'c', queue_url }))).toEqual({
      ...expected,
      maxMessages: 10,
      idleWaitSeconds: 2,
      systemAttributes: [],
      messageAttributes: [],
    });
    const all = { max_messages: 1, idle_wait_seconds: 0, system_attributes: ['All'], message_attributes: ['a', 'b'] };
    expect(parseSqsTrigger(trigger({ component: 'c', queue_url, ...all }))).toEqual({
      ...expected,
      maxMessages: 1,
      idleWaitSeconds: 0,
      systemAttributes: ['All'],
      messageAttributes: ['a', 'b'],
    });
  });

  it.each([
    [{ component: 'c' }, '', 'missing field `queue_url`'],
    [{ component: 'c', queue_url: 'my-queue' }, '.queue_url', '"my-queue" is no URL of a queue'],
    [{ component: 'c', queue_url: 'https://sqs.amazonaws.com/' }, '.queue_url', 'is no URL of a queue'],
    [{ component: 'c', queue_url, max_messages: 0 }, '.max_messages', 'expected 1 to 10'],
    [{ component: 'c', queue_url, max_messages: 11 }, '.max_messages', 'expected 1 to 10'],
    [{ component: 'c', queue_url, idle_wait_seconds: -1 }, '.idle_wait_seconds', 'expected 0 to 86400'],
    [{ component: 'c', queue_url, system_attributes: 'All' }, '.system_attributes', 'expected a sequence'],
  ])('is refused: %j', (config, field, message) => {
    const error = userError(() => parseSqsTrigger(trigger(config)));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(`triggers.t.trigger_config${field}`);
  });
});

describe('a command trigger of a locked app', () => {
  it('has a component and nothing else', () => {
    expect(parseCommandTrigger(trigger({ component: 'c' }))).toEqual({ id: 't', component: 'c' });
    expect(userError(() => parseCommandTrigger(trigger({}))).message).toContain('missing field `component`');
    expect(userError(() => parseCommandTrigger(trigger({ component: 'c', args: [] }))).message).toContain(
      'unknown field `args`',
    );
  });
});
