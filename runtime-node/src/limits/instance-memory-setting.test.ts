import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { INSTANCE_MEMORY_KEY, instanceMemorySetting } from './instance-memory-setting.ts';

const setting = (toml: string): number | undefined => instanceMemorySetting(parse(toml)[INSTANCE_MEMORY_KEY], 'r.toml');

describe('max_instance_memory', () => {
  it.each([
    ['', undefined],
    ['max_instance_memory = 134_217_728', 134_217_728],
    ['max_instance_memory = 0', 0],
  ])('is a number of bytes or absent: %o', (toml, value) => {
    expect(setting(toml)).toBe(value);
  });

  it.each(['"128MiB"', '"134217728"', '-1', '1.5', 'inf', 'nan', 'true', '[1]', '{ bytes = 1 }', '2026-11-21'])(
    'is not %s, which is told with the file and a way out',
    (value) => {
      expect(() => setting(`max_instance_memory = ${value}`)).toThrow(
        expect.objectContaining({
          message: 'max_instance_memory must be a whole number of bytes',
          code: 'SPK4001',
          place: { file: 'r.toml', field: 'max_instance_memory' },
          remedy: expect.stringContaining('134217728'),
        }),
      );
    },
  );
});
