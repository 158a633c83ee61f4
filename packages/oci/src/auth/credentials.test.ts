import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CredentialSource, decodeUserPassword, encodeUserPassword, firstOf } from './credentials.ts';

const has =
  (from: string): CredentialSource =>
  async () => ({
    credentials: { kind: 'password', username: 'u', password: 'p', from },
    problems: [],
  });
const fails =
  (problem: string): CredentialSource =>
  async () => ({ problems: [problem] });

test('the first place with credentials wins, and the problems before it are kept', async () => {
  const found = await firstOf(fails('a'), has('b'), fails('c'), has('d'))('server');
  expect(found).toEqual({ credentials: expect.objectContaining({ from: 'b' }), problems: ['a'] });
});

test('without any there are only problems', async () => {
  expect(await firstOf(fails('a'), fails('b'))('server')).toEqual({ problems: ['a', 'b'] });
});

test('user and password survive their encoding, colons in the password included', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (username, password) => {
        fc.pre(!username.includes(':'));
        expect(decodeUserPassword(encodeUserPassword(username, password))).toEqual({ username, password });
      },
    ),
  );
});
