import { describe, expect, it } from 'vitest';

import type { LockedApp } from '../locked-app/types.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { VariableError } from './error.ts';
import { createEnvProvider, createStaticProvider } from './providers.ts';
import { checkRequiredVariables, createVariableResolver } from './resolver.ts';
import type { VariableResolver, VariablesProvider } from './types.ts';

const source = { content_type: 'application/wasm', inline: '' };
const LOCKED: Pick<LockedApp, 'components' | 'variables'> = {
  variables: { host: { default: 'example.com' }, token: { secret: true }, late: { default: 'default' } },
  components: [
    { id: 'c', source, config: { url: 'https://{{ host }}/{{ token }}', plain: 'x', late: '<{{ late }}|{{ host }}>' } },
    { id: 'bare', source },
  ],
};

const provider = (values: Record<string, string>): VariablesProvider =>
  createStaticProvider(new Map(Object.entries(values)));

/** Answers later, as one that asks a server. */
const late = (values: Record<string, string>): VariablesProvider => ({
  name: 'late',
  get: (key) => Promise.resolve(values[key]),
  mayResolve: () => true,
});

const failing = (fail: () => never | Promise<never>): VariablesProvider => ({
  name: 'failing',
  get: fail,
  mayResolve: () => true,
});

const resolver = (...providers: VariablesProvider[]): VariableResolver =>
  createVariableResolver({ locked: LOCKED, providers });

describe('a variable of a component', () => {
  it('is its template filled, at once when no provider waits', () => {
    expect(resolver(provider({ token: 't' })).get('c', 'url')).toBe('https://example.com/t');
    expect(resolver().get('c', 'plain')).toBe('x');
  });

  it('comes from the first provider that knows it, then from the default', () => {
    const some = resolver(provider({ token: 'first' }), provider({ token: 'second', host: 'h' }));
    expect(some.get('c', 'url')).toBe('https://h/first');
  });

  it('may have to wait for a provider', async () => {
    const some = resolver(late({ late: 'L' }), provider({ host: 'h', late: 'never' }));
    expect(await some.get('c', 'late')).toBe('<L|h>');
    expect(await resolver(late({}), late({})).get('c', 'late')).toBe('<default|example.com>');
  });

  it('is asked for again every time', () => {
    let count = 0;
    const counting: VariablesProvider = { name: 'count', get: () => `${(count += 1)}`, mayResolve: () => true };
    const some = resolver(counting);
    expect([some.get('c', 'url'), some.get('c', 'url')]).toEqual(['https://1/2', 'https://3/4']);
  });

  it.each([
    ['c', 'none', 'undefined', 'no variable for "c"."none"'],
    ['c', 'host', 'undefined', 'no variable for "c"."host"'],
    ['c', 'constructor', 'undefined', 'no variable for "c"."constructor"'],
    ['bare', 'url', 'undefined', 'no variable for "bare"."url"'],
    ['other', 'url', 'undefined', 'no variable for component "other"'],
    [
      'c',
      'Bad',
      'invalid-name',
      `"Bad": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores.`,
    ],
    ['c', '', 'invalid-name', '"": must not be empty'],
    ['c', 'x__y', 'invalid-name', '"x__y": must not contain multiple consecutive underscores'],
    ['c', 'url', 'provider', 'no provider resolved required variable "token"'],
  ])('%s.%s: %s', (component, key, kind, message) => {
    const error = thrown(() => resolver().get(component, key));
    expect(error).toBeInstanceOf(VariableError);
    expect(error).toMatchObject({ kind, message });
  });

  it('fails as its provider fails, now or later', async () => {
    const now = failing(() => {
      throw new Error('sealed');
    });
    expect(thrown(() => resolver(now).get('c', 'url'))).toMatchObject({ kind: 'provider', message: 'sealed' });
    const later = failing(() => Promise.reject(new Error('sealed')));
    await expect(resolver(later).get('c', 'url')).rejects.toMatchObject({ kind: 'provider', message: 'sealed' });
    await expect(resolver(late({})).get('c', 'url')).rejects.toMatchObject({
      kind: 'provider',
      message: 'no provider resolved required variable "token"',
    });
  });
});

describe('all variables of a component', () => {
  it('are resolved together', async () => {
    expect(await resolver(late({ token: 't' })).getAll('c')).toEqual(
      new Map([
        ['url', 'https://example.com/t'],
        ['plain', 'x'],
        ['late', '<default|example.com>'],
      ]),
    );
    expect(await resolver().getAll('other')).toEqual(new Map());
  });
});

describe('a template of its own', () => {
  it('is filled with application variables', () => {
    expect(resolver().resolveTemplate('redis://{{host}}:6379')).toBe('redis://example.com:6379');
  });

  it.each([
    ['{{ nope }}', 'invalid variable template: unknown variable "nope"'],
    ['{{ constructor }}', 'invalid variable template: unknown variable "constructor"'],
    ['{{', "invalid variable template: unmatched '{{' in template"],
  ])('%j: %s', (template, message) => {
    expect(thrown(() => resolver(provider({ nope: 'x' })).resolveTemplate(template))).toMatchObject({
      kind: 'other',
      message,
    });
  });
});

describe('an app whose variables cannot work', () => {
  it.each([
    [{ variables: { 'a-b': {} }, components: [] }, 'variables.a-b', 'invalid variable name: "a-b": invalid character'],
    [
      { components: [{ id: 'c', source, config: { k: '{{ x }}' } }] },
      'component.c.variables.k',
      'invalid variable template: unknown variable "x"',
    ],
    [{ components: [{ id: 'c', source, config: { K: '' } }] }, 'component.c.variables.K', 'invalid variable name: "K"'],
  ])('is refused (%#)', (locked, field, message) => {
    const error = userError(() => createVariableResolver({ locked, providers: [] }));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(field);
  });
});

describe('required variables', () => {
  it('must have someone who may know them', () => {
    expect(thrown(() => checkRequiredVariables({ locked: LOCKED, providers: [late({})] }))).toBeUndefined();
    expect(
      thrown(() => checkRequiredVariables({ locked: LOCKED, providers: [provider({ token: '' })] })),
    ).toBeUndefined();
    const error = userError(() => checkRequiredVariables({ locked: LOCKED, providers: [provider({ host: 'h' })] }));
    expect(error.message).toBe('no provider resolved required variable(s): ["token"]');
    expect(error.remedy).toContain('SPIN_VARIABLE_TOKEN');
  });
});

describe('the env provider', () => {
  it('looks for upper-case names behind the prefix', () => {
    const env = createEnvProvider({ SPIN_VARIABLE_API_HOST: 'h', SPIN_VARIABLE_EMPTY: '' });
    expect([env.get('api_host'), env.get('empty'), env.get('other')]).toEqual(['h', '', undefined]);
    expect([env.mayResolve('empty'), env.mayResolve('other')]).toEqual([true, false]);
  });

  it('may have another prefix, and a .env file behind it', () => {
    const env = createEnvProvider({ MY_A: 'env' }, { prefix: 'MY', dotenv: { MY_A: 'file', MY_B: 'file' } });
    expect([env.get('a'), env.get('b')]).toEqual(['env', 'file']);
  });

  it('does not take a member of JavaScript objects for a value', () => {
    const env = createEnvProvider({}, { prefix: '_' });
    expect(env.get('_proto__')).toBeUndefined();
  });
});
