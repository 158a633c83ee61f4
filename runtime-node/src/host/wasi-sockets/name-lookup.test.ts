import { beforeAll, describe, expect, it } from 'vitest';
import { SocketGuest } from './testing/socket-guest.ts';

let guest: SocketGuest;

beforeAll(async () => {
  guest = await SocketGuest.open({ allowed: ['*://*:*'] });
});

const resolve = (name: string): unknown => guest.call('ip-name-lookup', 'resolve-addresses', 'the network', name);
const err = (val: string): object => ({ tag: 'err', val });

describe('a look-up', () => {
  it.each(['example.com', 'localhost', 'bücher.example', 'a.b.c.', 'under_score', '127.0.0.1', '::1', '[::1]'])(
    'of %o is refused, even to a component that may go everywhere',
    (name) => {
      expect(resolve(name)).toEqual(err('permanent-resolver-failure'));
    },
  );

  it.each(['', 'a b', 'a/b', 'a?b', 'a#b', 'a\\b', 'user@host', 'host:80', '%zz', 'a\0b'])(
    'of %o is not even a question',
    (name) => {
      expect(resolve(name)).toEqual(err('invalid-argument'));
    },
  );
});
