import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostCapability } from '../host/capability.ts';
import { directorySetting, parseRuntimeConfig, readRuntimeConfig, sectionsOf, summaryOf } from './runtime-config.ts';

const stores: HostCapability<unknown, object> = {
  id: 'stores',
  interfaces: [],
  configKeys: ['key_value_store', 'store_limits'],
  parse: () => undefined,
  open: async () => ({}),
  bind: () => new Map(),
};

const parse = (text: string): ReturnType<typeof parseRuntimeConfig> => parseRuntimeConfig(text, 'rc.toml', [stores]);

describe('the runtime configuration', () => {
  it('gives each capability the sections that it owns', () => {
    const config = parse('state_dir = "s"\n[key_value_store.default]\ntype = "spin"\n');
    expect(sectionsOf(config, stores)).toEqual({ key_value_store: { default: { type: 'spin' } } });
    expect(sectionsOf(undefined, stores)).toEqual({});
    expect(directorySetting(config, 'state_dir')).toBe('s');
    expect(directorySetting(config, 'log_dir')).toBeUndefined();
  });

  it('refuses a key that nobody owns, by name', () => {
    expect(() => parse('key_value_stor = 1\nlog_dir = ""\n')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('key_value_stor'),
        remedy: expect.stringContaining('key_value_store'),
      }),
    );
  });

  it.each(['= 1', '[key_value_store', 'state_dir = ', 'a = 1\na = 2'])(
    'names the file of TOML that is none: %j',
    (text) => {
      expect(() => parse(text)).toThrow('rc.toml');
    },
  );

  it.each([
    ['[key_value_store.x]\ntype = "redis"\nurl = "redis://:s3cret@h"', '[key_value_store.x: redis]'],
    [
      '[llm_compute]\ntype = "remote_http"\n[sqlite_database.d]\ntype = "spin"\n[key_value_store.default]\ntype = "spin"',
      '[key_value_store.default: spin], [sqlite_database.d: spin], [llm_compute: remote_http]',
    ],
  ])('says which stores are in it, and no secret: %j', (text, listed) => {
    expect(summaryOf(readRuntimeConfig(text, 'rc.toml'))).toBe(`Using runtime config ${listed} from "rc.toml"`);
  });

  it.each(['', 'state_dir = "s"', 'key_value_store = 1', '[key_value_store]\nx = 1', 'llm_compute = "x"'])(
    'says nothing of a file without stores: %j',
    (text) => {
      expect(summaryOf(readRuntimeConfig(text, 'rc.toml'))).toBeUndefined();
      expect(summaryOf(undefined)).toBeUndefined();
    },
  );

  it('refuses a folder that is no text', () => {
    expect(() => directorySetting(parse('log_dir = 1'), 'log_dir')).toThrow('log_dir must be a string');
  });

  it('is read or refused with a UserError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let failure: unknown;
        try {
          parse(text);
        } catch (error) {
          // expected: most random texts are no TOML
          failure = error;
        }
        expect(failure === undefined || failure instanceof UserError).toBe(true);
      }),
    );
  });
});
