import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ConnectError } from './connect.ts';
import { connectionErrorText, systemErrorText } from './system-error.ts';

const coded = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

it.each([
  [coded('ECONNREFUSED'), 'Connection refused (os error 111)'],
  [new ConnectError('refused', 'x', { cause: coded('EHOSTUNREACH') }), 'No route to host (os error 113)'],
  [
    Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
    'Connection refused (os error 111)',
  ],
  [
    new ConnectError('name-not-resolved', 'x has no address', { cause: coded('ENOTFOUND') }),
    'failed to lookup address information: Name or service not known',
  ],
  [
    new ConnectError('address-blocked', 'every address of x is in a blocked network'),
    'every address of x is in a blocked network',
  ],
  [coded('ERR_SOMETHING'), 'connect ERR_SOMETHING'],
  ['thrown', 'thrown'],
])('says of %o: %s', (error, text) => {
  expect(connectionErrorText(error)).toBe(text);
});

it('says of a port where nobody listens what Rust says', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const [error] = (await once(
    connect(port, '127.0.0.1').once('connect', () => {}),
    'error',
  ).catch((thrown: unknown) => [thrown])) as [unknown];
  expect(systemErrorText(error)).toBe('Connection refused (os error 111)');
});
