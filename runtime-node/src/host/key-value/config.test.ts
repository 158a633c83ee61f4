import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKeyValueConfig } from './config.ts';

describe('the configuration of key-value stores', () => {
  it('may be absent', () => {
    expect(parseKeyValueConfig({}).size).toBe(0);
  });

  it('names stores in files and in memory', () => {
    const raw = { key_value_store: { files: { type: 'spin', path: 'kv/files.db' }, memory: { type: 'spin' } } };
    expect([...parseKeyValueConfig(raw)]).toEqual([
      ['files', { type: 'spin', path: 'kv/files.db' }],
      ['memory', { type: 'spin', path: undefined }],
    ]);
  });

  it('names servers', () => {
    const raw = {
      key_value_store: {
        r: { type: 'redis', url: 'redis://h' },
        a: { type: 'azure_cosmos', account: 'acc-1', database: 'd', container: 'c' },
        k: { type: 'azure_cosmos', account: 'a', database: 'd', container: 'c', key: 'k' },
        e: { type: 'aws_dynamo', region: 'r', table: 't' },
        d: { type: 'aws_dynamo', region: 'r', table: 't', access_key: 'a', secret_key: 's', consistent_read: true },
      },
    };
    const cosmos = { type: 'azure_cosmos', account: 'a', database: 'd', container: 'c' };
    const dynamo = { type: 'aws_dynamo', region: 'r', table: 't' };
    expect(Object.fromEntries(parseKeyValueConfig(raw))).toEqual({
      r: { type: 'redis', target: expect.objectContaining({ host: 'h', port: 6379, tls: false }) },
      a: { ...cosmos, account: 'acc-1', key: undefined },
      k: { ...cosmos, key: 'k' },
      e: { ...dynamo, credentials: undefined, consistentRead: false },
      d: { ...dynamo, credentials: { accessKey: 'a', secretKey: 's', token: undefined }, consistentRead: true },
    });
  });

  it.each([
    [{ key_value_store: 'spin' }, 'key_value_store', 'key_value_store is not a table'],
    [{ key_value_store: [] }, 'key_value_store', 'key_value_store is not a table'],
    [{ key_value_store: { x: 'spin' } }, 'key_value_store.x', 'key_value_store.x is not a table'],
    [{ key_value_store: { x: {} } }, 'key_value_store.x.type', 'key_value_store.x.type is missing'],
    [{ key_value_store: { x: { type: 1 } } }, 'key_value_store.x.type', '1 is no type of key-value store'],
    [{ key_value_store: { x: { type: 'etcd' } } }, 'key_value_store.x.type', '"etcd" is no type of key-value store'],
    [{ key_value_store: { x: { type: 'redis' } } }, 'key_value_store.x.url', 'key_value_store.x.url is missing'],
    [
      { key_value_store: { x: { type: 'redis', url: 1 } } },
      'key_value_store.x.url',
      'key_value_store.x.url is not a URL such as "redis://localhost:6379"',
    ],
    [
      { key_value_store: { x: { type: 'redis', url: 'redis://:s3cret@host/x' } } },
      'key_value_store.x.url',
      'key_value_store.x.url is not a URL such as "redis://localhost:6379"',
    ],
    [
      { key_value_store: { x: { type: 'redis', url: 'redis://h', password: 's3cret' } } },
      'key_value_store.x.password',
      'unknown key key_value_store.x.password',
    ],
    [
      { key_value_store: { x: { type: 'azure_cosmos', account: 'a', database: 'd' } } },
      'key_value_store.x.container',
      'key_value_store.x.container is missing',
    ],
    [
      { key_value_store: { x: { type: 'azure_cosmos', account: 'a.evil.example/', database: 'd', container: 'c' } } },
      'key_value_store.x.account',
      'key_value_store.x.account is not the name of an account',
    ],
    [
      { key_value_store: { x: { type: 'aws_dynamo', region: 'r' } } },
      'key_value_store.x.table',
      'key_value_store.x.table is missing',
    ],
    [
      { key_value_store: { x: { type: 'aws_dynamo', region: 'r', table: 't', access_key: 'a' } } },
      'key_value_store.x.access_key',
      'key_value_store.x has only a part of its credentials',
    ],
    [
      { key_value_store: { x: { type: 'aws_dynamo', region: 'r', table: 't', token: 's3cret' } } },
      'key_value_store.x.access_key',
      'key_value_store.x has only a part of its credentials',
    ],
    [
      { key_value_store: { x: { type: 'aws_dynamo', region: 'r', table: 't', consistent_read: 'yes' } } },
      'key_value_store.x.consistent_read',
      'key_value_store.x.consistent_read is not true or false',
    ],
    [
      { key_value_store: { x: { type: 'spin', path: 3 } } },
      'key_value_store.x.path',
      'key_value_store.x.path is not a path',
    ],
    [
      { key_value_store: { x: { type: 'spin', path: '' } } },
      'key_value_store.x.path',
      'key_value_store.x.path is not a path',
    ],
    [
      { key_value_store: { x: { type: 'spin', pth: 'a' } } },
      'key_value_store.x.pth',
      'unknown key key_value_store.x.pth',
    ],
  ])('refuses %o, naming the field', (raw, field, message) => {
    const error = thrownBy(() => parseKeyValueConfig(raw));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message, place: { field }, remedy: expect.stringMatching(/\.$/) });
  });

  it('answers anything by a configuration or a user error', () => {
    fc.assert(
      fc.property(fc.record({ key_value_store: fc.anything() }), (raw) => {
        const error = thrownBy(() => parseKeyValueConfig(raw));
        expect(error === undefined || error instanceof UserError).toBe(true);
      }),
    );
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: what the test is about
    return error;
  }
}
