import { describe, expect, it } from 'vitest';

import type { LockedTrigger } from '../locked-app/types.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { checkHttpMetadata, type HttpTrigger, parseHttpTrigger } from './http.ts';
import { parseRedisTrigger } from './redis.ts';

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
