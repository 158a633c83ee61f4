import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './parse.ts';

const server = (host: string, port?: number, hostaddr?: string) => ({ host, hostaddr, port });

const quoted = (value: string): string => `'${value.replaceAll(/['\\]/g, (found) => `\\${found}`)}'`;

describe('the address of PostgreSQL servers', () => {
  it.each<[address: string, expected: object]>([
    ['postgres://denied/db', { servers: [server('denied', 5432)], database: 'db', user: undefined, sslMode: 'prefer' }],
    [
      'postgresql://u:p%40%23@h:1/d%20b?sslmode=disable',
      { servers: [server('h', 1)], user: 'u', password: 'p@#', database: 'd b', sslMode: 'disable' },
    ],
    ['postgres://a:1,b:2,c', { servers: [server('a', 1), server('b', 2), server('c', 5432)] }],
    ['postgres://u@[::1]:5433', { servers: [server('::1', 5433)], user: 'u' }],
    ['postgres://u:a:b@h', { password: 'a:b' }],
    ['postgres://', { servers: [] }],
    ['postgres:///db?host=h&port=7', { servers: [server('h', 7)], database: 'db' }],
    [
      'postgres://h?application_name=x&connect_timeout=3',
      { parameters: { application_name: 'x' }, connectTimeoutMs: 3000 },
    ],
    ['postgres://h?target_session_attrs=read-write&sslmode=verify-full', { session: 'read-write', sslMode: 'require' }],
    ['postgres://%2Frun%2Fpostgresql/db', { servers: [server('/run/postgresql', 5432)] }],
    ['host=127.0.0.1%20port=1%20user=u', { servers: [server('127.0.0.1%20port=1%20user=u')] }],
    [
      "host=localhost port = 5433 user='a b' password='it\\'s' dbname=d",
      { servers: [server('localhost', 5433)], user: 'a b', password: "it's", database: 'd' },
    ],
    [
      'host=a,b port=1,2 hostaddr=10.0.0.1,10.0.0.2',
      { servers: [server('a', 1, '10.0.0.1'), server('b', 2, '10.0.0.2')] },
    ],
    ['host=a,b port=1', { servers: [server('a', 1), server('b', 1)] }],
    ['hostaddr=10.0.0.1', { servers: [server('10.0.0.1', undefined, '10.0.0.1')] }],
    ['user=u keepalives=1 keepalives_idle=5 load_balance_hosts=random channel_binding=prefer', { user: 'u' }],
    ['', { servers: [] }],
  ])('is read from %s', (address, expected) => {
    expect(parseAddress(address)).toMatchObject(expected);
  });

  it.each([
    'junk',
    'host=a unknown=1',
    'host=a port=x',
    'host=a port=0',
    'host=a port=65536',
    'host=a,b port=1,2,3',
    'host=a,b hostaddr=10.0.0.1',
    "host='a",
    'host=',
    'host=a sslmode=maybe',
    'host=a sslnegotiation=direct',
    'host=a target_session_attrs=standby',
    'host=a channel_binding=require',
    'host=a connect_timeout=x',
    'postgres://h?x',
    'postgres://h?x=1',
    'postgres://%ff/db',
    'postgres://[::1',
    'postgres://u%00@h',
  ])('is none: %s', (address) => {
    expect(parseAddress(address)).toBeUndefined();
  });

  it('is read or refused, whatever it is', () => {
    const part = fc.constantFrom(
      'postgres://',
      'host',
      '=',
      ' ',
      "'",
      '\\',
      '@',
      ':',
      '/',
      '?',
      ',',
      '[',
      ']',
      'a',
      '%',
      '1',
      '\0',
      '&',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const address = parseAddress(parts.join(''));
        expect(address === undefined || address.servers.length <= 31).toBe(true);
      }),
    );
  });

  it('comes back from pairs in quotes exactly', () => {
    const text = fc.string().filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(text, text, (user, password) => {
        expect(parseAddress(`user=${quoted(user)} password=${quoted(password)}`)).toMatchObject({ user, password });
      }),
    );
  });
});
