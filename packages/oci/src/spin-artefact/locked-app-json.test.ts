import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import { SPIN_CASES, spinPush } from '../testing/spin-push.ts';
import { lockedAppJson } from './locked-app-json.ts';

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(shuffled);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, item]) => [key, shuffled(item)]),
      )
    : value;
}

describe('the JSON of a locked app', () => {
  test.each(SPIN_CASES)('is Spin’s own to the byte, whatever the order of its fields: %s', (name) => {
    const { lockedApp, manifest } = spinPush(name);
    const json = lockedAppJson(shuffled(lockedApp) as LockedApp);
    expect({ digest: digestOf(json), size: json.byteLength }).toEqual({
      digest: manifest.layers.at(-1)?.digest,
      size: manifest.layers.at(-1)?.size,
    });
  });

  test('orders the fields of dependencies and sorts names by their bytes', () => {
    const json = lockedAppJson({
      components: [
        {
          dependencies: { 'b:b': { inherit: 'All', export: null, source: { digest: 'd', content_type: 't' } } },
          source: { digest: 'd', content_type: 't' },
          id: 'c',
          env: { '\u{1F600}': '1', '\uFFFD': '2', a: '3' },
        },
      ],
      triggers: [],
      spin_lock_version: 0,
    });
    expect(json.toString()).toBe(
      '{"spin_lock_version":0,"triggers":[],"components":[{"id":"c","source":{"content_type":"t","digest":"d"},' +
        '"env":{"a":"3","\uFFFD":"2","\u{1F600}":"1"},' +
        '"dependencies":{"b:b":{"source":{"content_type":"t","digest":"d"},"export":null,"inherit":"All"}}}]}',
    );
  });

  test('keeps every value, fields of later versions included', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (extra) => {
        const app = { ...extra, spin_lock_version: 0, triggers: [], components: [] } as unknown as LockedApp;
        expect(JSON.parse(lockedAppJson(app).toString())).toEqual(JSON.parse(JSON.stringify(app)));
      }),
    );
  });
});
