import { expect, test } from 'vitest';
import { isWasmBinary, isWasmText } from './wasm-file.ts';

test.each([
  ['a component', Buffer.from('0061736d0d000100aa', 'hex'), true],
  ['a core module', Buffer.from('0061736d01000000', 'hex'), true],
  ['an older draft of components', Buffer.from('0061736d0a000100', 'hex'), false],
  ['a module cut in its header', Buffer.from('0061736d0100', 'hex'), false],
  ['the text of a component', Buffer.from('(component)'), true],
  ['the text of a module', Buffer.from('\n ( module $m (func))'), true],
  ['text after comments', Buffer.from(';; one\n(; two (; nested ;) ;)(module)'), true],
  ['text after a comment that never ends', Buffer.from('(; (module)'), false],
  ['a line comment only', Buffer.from(';; (module)'), false],
  ['another word', Buffer.from('(modules)'), false],
  ['other text', Buffer.from('not a wasm file'), false],
  ['nothing', Buffer.alloc(0), false],
  ['text with zero bytes', Buffer.from('(module)\0'), false],
])('%s: whether it may be pushed as a component (%#)', (_, bytes, expected) => {
  expect(isWasmBinary(bytes) || isWasmText(bytes)).toBe(expected);
});
