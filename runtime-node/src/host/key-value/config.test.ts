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

  it.each([
    [{ key_value_store: 'spin' }, 'key_value_store', 'key_value_store is not a table'],
    [{ key_value_store: [] }, 'key_value_store', 'key_value_store is not a table'],
    [{ key_value_store: { x: 'spin' } }, 'key_value_store.x', 'key_value_store.x is not a table'],
    [{ key_value_store: { x: {} } }, 'key_value_store.x.type', 'key_value_store.x.type is missing'],
    [{ key_value_store: { x: { type: 1 } } }, 'key_value_store.x.type', '1 is no type of key-value store'],
    [{ key_value_store: { x: { type: 'etcd' } } }, 'key_value_store.x.type', '"etcd" is no type of key-value store'],
    [
      { key_value_store: { x: { type: 'redis', url: 'redis://localhost' } } },
      'key_value_store.x.type',
      'key-value stores of type "redis" come in a later version of Spindle',
    ],
    [
      { key_value_store: { x: { type: 'azure_cosmos' } } },
      'key_value_store.x.type',
      'key-value stores of type "azure_cosmos" come in a later version of Spindle',
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
