import { UserError } from '@spindle/api';
import { expect, it } from 'vitest';
import { deniedName, explainDenial } from './denied-name.ts';

/** A trap with the frames that V8 would print, innermost first. */
function trap(...frames: readonly string[]): WebAssembly.RuntimeError {
  const error = new WebAssembly.RuntimeError('unreachable');
  error.stack = ['RuntimeError: unreachable', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

const inWasm = (name: string): string => `${name} (wasm://wasm/5b0b2a1e:wasm-function[1]:0x4d)`;

it('the trap of a denied function is told with what was called, and keeps the trap as its cause', () => {
  const error = trap(inWasm(deniedName('wasi:cli/environment@0.2.12', 'get-environment')), inWasm('main'));
  const explained = explainDenial(error);
  expect(explained).toBeInstanceOf(UserError);
  expect(explained).toMatchObject({
    code: 'SPK4063',
    message:
      'a dependency called wasi:cli/environment@0.2.12#get-environment, which it does not inherit from its component (unreachable)',
    cause: error,
  });
});

it('a function imported at the root is told by its one name', () => {
  expect(deniedName('log', 'log')).toBe(deniedName('log'));
});

it.each([
  ['a trap of its own', trap(inWasm('main'))],
  ['a trap without frames', trap()],
  ['a trap further in than a function so named', trap(inWasm('abort'), inWasm(deniedName('a:b/c', 'f')))],
  ['a trap in a function whose name holds more than WIT does', trap(inWasm('denied:\u001b[31mred'))],
  ['a trap in a function of JavaScript', trap('denied:a:b/c#f (file:///guest.js:1:1)')],
  ['an error of the host', new Error('denied:a:b/c#f')],
  ['what is no error', 'unreachable'],
  ['nothing', undefined],
])('%s stays what it is', (_, error) => {
  expect(explainDenial(error)).toBe(error);
});
