// Core modules made into components: real ones against the components that tools made of the same source, and the names
// of Spin 1, each with the signature that the contract has for it (spin-contract.md §3.11).
import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { realGuest } from '../../host/testing/real-guest.ts';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { toComponent } from './index.ts';
import { typedBy } from './testing/modules.ts';

const planOf = async (bytes: Uint8Array) => decodeComponent(await toComponent(bytes));

describe('a module of today', () => {
  it.each([
    ['shello-module', 'shello'],
    ['rcommand-module', 'rcommand'],
  ])('%s becomes what the tools make of it: %s', async (module, component) => {
    const [wrapped, given] = [await planOf(await fixture(module)), decodeComponent(await fixture(component))];
    expect(Object.keys(wrapped.exports)).toEqual(Object.keys(given.exports));
    expect(wrapped.importedInterfaces.toSorted()).toEqual(given.importedInterfaces.toSorted());
    expect(wrapped.modules.length).toBe(given.modules.length);
  });

  it('answers as the component does', async () => {
    await using module = await realGuest(await toComponent(await fixture('shello-module')));
    await using component = await realGuest(await fixture('shello'));
    expect(await module.text('/x')).toBe(await component.text('/x'));
  });

  it('of the SDK of Spin 2.1 handles requests by the release candidate of October 2023', async () => {
    const { exports, importedInterfaces } = await planOf(await fixture('s2-module'));
    expect(Object.keys(exports)).toEqual(['wasi:http/incoming-handler@0.2.0-rc-2023-10-18']);
    expect(importedInterfaces).toContain('wasi:http/types@0.2.0-rc-2023-10-18');
  });
});

describe('what is no core module', () => {
  it.each(['rhello', 'empty'])('passes through: %s', async (name) => {
    const bytes = await fixture(name);
    expect(await toComponent(bytes)).toBe(bytes);
  });

  it.each([[[]], [[0x00, 0x61]], [[0x28, 0x6d, 0x29]], [[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]]])(
    'is left to the decoder to name: %j',
    async (bytes) => {
      const given = Uint8Array.from(bytes);
      expect(await toComponent(given)).toBe(given);
    },
  );
});

describe('errors', () => {
  it('say which file they are about', async () => {
    const failure = toComponent(await wat('(module)'), { file: 'app.wasm' });
    await expect(failure).rejects.toMatchObject({ code: 'SPK4025', place: { file: 'app.wasm' } });
  });

  it('of a module that breaks off name the byte', async () => {
    const bytes = (await fixture('spin1-http-module')).slice(0, 100);
    await expect(toComponent(bytes)).rejects.toMatchObject({
      message: expect.stringContaining('not a valid core module'),
      place: { field: expect.stringMatching(/^byte \d+$/) },
    });
  });

  it('of the encoder are told with its reason', async () => {
    const bytes = await typedBy('wit-bindgen-rust', '0.30.0');
    await expect(toComponent(bytes)).rejects.toThrow(UserError);
    await expect(toComponent(bytes)).rejects.toThrow('no component can be made of this core module');
  });

  it('of a handler with another signature are told by that alone, in one line', async () => {
    const bytes = await wat(
      '(module (memory (export "memory") 1) (func (export "handle-http-request") (param i32) (result i32) i32.const 1))',
    );
    await expect(toComponent(bytes)).rejects.toThrow(
      /^no component can be made of this core module: type mismatch for function `handle-request`: expected .* but found `\[I32\] -> \[I32\]`$/,
    );
  });
});

/** Import module, function, parameters at the core ABI: the table of the contract. */
const SPIN1_IMPORTS: readonly (readonly [string, string, string, string])[] = [
  ['wasi-outbound-http', 'request', 'i32 '.repeat(11), 'http'],
  ['spin-config', 'get-config', 'i32 '.repeat(3), 'config'],
  ['outbound-redis', 'publish', 'i32 '.repeat(7), 'redis'],
  ['outbound-redis', 'get', 'i32 '.repeat(5), 'redis'],
  ['outbound-redis', 'set', 'i32 '.repeat(7), 'redis'],
  ['outbound-redis', 'incr', 'i32 '.repeat(5), 'redis'],
  ['outbound-redis', 'del', 'i32 '.repeat(5), 'redis'],
  ['outbound-redis', 'sadd', 'i32 '.repeat(7), 'redis'],
  ['outbound-redis', 'smembers', 'i32 '.repeat(5), 'redis'],
  ['outbound-redis', 'srem', 'i32 '.repeat(7), 'redis'],
  ['outbound-redis', 'execute', 'i32 '.repeat(7), 'redis'],
  ['outbound-pg', 'query', 'i32 '.repeat(7), 'postgres'],
  ['outbound-pg', 'execute', 'i32 '.repeat(7), 'postgres'],
  ['outbound-mysql', 'query', 'i32 '.repeat(7), 'mysql'],
  ['outbound-mysql', 'execute', 'i32 '.repeat(7), 'mysql'],
  ['sqlite', 'open', 'i32 '.repeat(3), 'sqlite'],
  ['sqlite', 'execute', 'i32 '.repeat(6), 'sqlite'],
  ['sqlite', 'close', 'i32', 'sqlite'],
  ['key-value', 'open', 'i32 '.repeat(3), 'key-value'],
  ['key-value', 'get', 'i32 '.repeat(4), 'key-value'],
  ['key-value', 'set', 'i32 '.repeat(6), 'key-value'],
  ['key-value', 'delete', 'i32 '.repeat(4), 'key-value'],
  ['key-value', 'exists', 'i32 '.repeat(4), 'key-value'],
  ['key-value', 'get-keys', 'i32 '.repeat(2), 'key-value'],
  ['key-value', 'close', 'i32', 'key-value'],
  ['llm', 'infer', 'i32 i32 i32 i32 i32 i32 f32 i32 f32 i32 f32 i32', 'llm'],
  ['llm', 'generate-embeddings', 'i32 '.repeat(5), 'llm'],
];

/** A module of Spin 1 that calls one import. */
const calling = (module: string, name: string, parameters: string): string => `(module
  (import "${module}" "${name}" (func $f (param ${parameters})))
  (memory (export "memory") 1)
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
  (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    ${parameters.trim().split(/ +/).map((type) => `(${type}.const 0)`).join(' ')} call $f i32.const 0))`; // prettier-ignore

describe('a module of Spin 1', () => {
  it.each(SPIN1_IMPORTS)('calls %s %s as an interface of today', async (module, name, parameters, today) => {
    const { importedInterfaces, exports } = await planOf(await wat(calling(module, name, parameters)));
    expect(importedInterfaces).toContain(`fermyon:spin/${today}`);
    expect(Object.keys(exports)).toEqual(['fermyon:spin/inbound-http']);
  });

  it.each(SPIN1_IMPORTS)('that calls %s %s with another signature is refused', async (module, name, parameters) => {
    const bytes = await wat(calling(module, name, `${parameters} i64`));
    await expect(toComponent(bytes)).rejects.toMatchObject({ code: 'SPK4025' });
  });

  it('imports no more than it calls', async () => {
    const { importedInterfaces } = await planOf(await wat(calling('llm', 'generate-embeddings', 'i32 '.repeat(5))));
    expect(importedInterfaces.toSorted()).toEqual(['fermyon:spin/http-types', 'fermyon:spin/llm']);
  });

  it.each([
    ['handle-http-request', 'i32 '.repeat(10), ['fermyon:spin/inbound-http']],
    ['handle-redis-message', 'i32 i32', ['fermyon:spin/inbound-redis']],
  ])('exports %s and nothing else', async (name, parameters, expected) => {
    const text = `(module (memory (export "memory") 1)
      (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
      (func (export "${name}") (param ${parameters}) (result i32) i32.const 0))`;
    expect(Object.keys((await planOf(await wat(text))).exports)).toEqual(expected);
  });

  it('may handle both', async () => {
    const text = `(module (memory (export "memory") 1)
      (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
      (func (export "handle-redis-message") (param i32 i32) (result i32) i32.const 0)
      (func (export "handle-http-request") (param ${'i32 '.repeat(10)}) (result i32) i32.const 0))`;
    expect(Object.keys((await planOf(await wat(text))).exports).toSorted()).toEqual([
      'fermyon:spin/inbound-http',
      'fermyon:spin/inbound-redis',
    ]);
  });
});
