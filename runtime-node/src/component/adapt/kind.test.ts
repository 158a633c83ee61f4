// Which kind a core module is told to be, by its bytes alone.
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { DecodeError } from '../decode/binary/error.ts';
import { wat } from '../decode/testing/wat.ts';
import { decideModule } from './kind.ts';
import { processedBy, typedBy, withCustomSection } from './testing/modules.ts';

const built = (module: Uint8Array, clang: string): Uint8Array =>
  withCustomSection(module, 'producers', processedBy('clang', clang));

const kindOf = (bytes: Uint8Array): string => decideModule(bytes).kind;

describe('a module', () => {
  it.each([
    ['shello-module', 'typed'],
    ['s2-module', 'typed'],
    ['rcommand-module', 'command'],
    ['spin1-http-module', 'spin1'],
  ])('%s is %s', async (name, kind) => {
    expect(kindOf(await fixture(name))).toBe(kind);
  });

  it.each([
    ['_start alone', '(module (func (export "_start")))', 'command'],
    ['a handler of HTTP', '(module (func (export "handle-http-request")))', 'spin1'],
    ['a handler of Redis', '(module (func (export "handle-redis-message")))', 'spin1'],
    [
      'TinyGo: a handler, an allocator, and a _start that is not called',
      '(module (func (export "_start")) (func (export "canonical_abi_realloc")) (func (export "handle-http-request")))',
      'spin1',
    ],
  ])('with %s is told', async (_, text, kind) => {
    expect(kindOf(await wat(text))).toBe(kind);
  });

  it.each(['0.5.0', '0.13.1', '0.57.1'])('of wit-bindgen %s carries its types', async (version) => {
    expect(kindOf(await typedBy('wit-bindgen-rust', version))).toBe('typed');
  });

  it('that carries types is taken by them, also when another tool wrote them and it has a _start', async () => {
    expect(kindOf(await typedBy('wit-component', '0.2.0', '(module (func (export "_start")))'))).toBe('typed');
  });

  it.each(['0.4.0', '0.2.0', '1.0.0', 'x', ''])('of wit-bindgen %s is refused', async (version) => {
    const bytes = await typedBy('wit-bindgen-c', version);
    expect(() => kindOf(bytes)).toThrow(`cannot adapt modules created with wit-bindgen version ${version}`);
  });

  it('of an old wasi-sdk is refused, unless an allocator shows that it is of wit-bindgen', async () => {
    const start = '(module (func (export "_start")))';
    const old = built(await wat(start), '14.0.4');
    expect(() => kindOf(old)).toThrow('compiled with wasi-sdk version <19');
    expect(kindOf(built(await wat(start), '15.0.7'))).toBe('command');
    const spin1 = '(module (func (export "canonical_abi_realloc")) (func (export "handle-http-request")))';
    expect(kindOf(built(await wat(spin1), '14.0.4'))).toBe('spin1');
  });

  it.each([
    ['nothing at all', '(module)', 'is of no kind that can be served'],
    ['a memory by the name of a handler', '(module (memory (export "handle-http-request") 1))', 'is of no kind'],
    ['_start and an allocator but no handler', '(module (func (export "_start")) (func (export "cabi_realloc")))', 'is of no kind'], // prettier-ignore
    ['_start and an import of another host', '(module (import "env" "f" (func)) (func (export "_start")))', '`env` `f`'], // prettier-ignore
    ['preview 0', '(module (import "wasi_unstable" "fd_write" (func)) (func (export "_start")))', '`wasi_unstable` `fd_write`'], // prettier-ignore
    ['a handler and an import Spin 1 never had', '(module (import "key-value" "watch" (func)) (func (export "handle-http-request")))', '`key-value` `watch`'], // prettier-ignore
  ])('with %s is refused', async (_, text, message) => {
    const bytes = await wat(text);
    expect(() => kindOf(bytes)).toThrow(UserError);
    expect(() => kindOf(bytes)).toThrow(message);
  });

  it('is either told or refused with a reason, however damaged', async () => {
    const bytes = await fixture('spin1-http-module');
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), (changes, length) => {
        const damaged = bytes.slice(0, Math.max(8, length));
        for (const { at, to } of changes) {
          if (at >= 8 && at < damaged.length) {
            damaged[at] = to;
          }
        }
        expect(outcome(damaged)).toMatch(/^(typed|command|spin1|refused)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

function outcome(bytes: Uint8Array): string {
  try {
    return kindOf(bytes);
  } catch (error) {
    // expected: what is damaged may be refused, with an error of ours
    return error instanceof UserError || error instanceof DecodeError ? 'refused' : String(error);
  }
}
