// Whatever the text, the manifest is read or refused with a UserError: nothing else is thrown.
import * as fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';

import { UserError } from '../errors.ts';
import { thrown } from '../test-support/thrown.ts';
import fixture from './fixtures/spin-manifests.json' with { type: 'json' };
import { parseManifest } from './parse.ts';

const manifests = Object.values(fixture.cases).map(({ manifest }) => manifest);

/** undefined or a UserError with a place; anything else is shown by the failing test. */
function unexpected(text: string): unknown {
  const error = thrown(() => parseManifest(text, 'spin.toml'));
  const isTold = error instanceof UserError && error.place.line !== undefined && error.message !== '';
  return error === undefined || isTold ? undefined : error;
}

/** Field names that mean something, so that random tables get past the first check. */
const FIELDS =
  'spin_manifest_version application variables trigger component name http redis hello source route id components ' +
  'dependencies files destination allowed_outbound_hosts a:b environment build command profile default secret required ' +
  'url digest package version static_response status_code executor type middleware inherit_configuration __proto__ ';
const TEXTS = [
  'hello',
  '/...',
  '/:x',
  'http://*:*',
  '{{ a }}',
  '{{',
  '1.0.0',
  'sha256:',
  'redis://[::1]:1',
  '',
  'é\u0000',
];

const { table } = fc.letrec<{ value: unknown; table: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(...TEXTS, true, 1, 2.5, new Date(0)),
    tie('table'),
    fc.array(tie('table'), { maxLength: 2 }),
    fc.array(fc.constantFrom(...TEXTS), { maxLength: 2 }),
  ),
  table: fc.dictionary(fc.constantFrom(...FIELDS.split(' ')), tie('value'), { maxKeys: 5, noNullPrototype: true }),
}));

describe('a hostile manifest', () => {
  it('may be any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(unexpected(text)).toBeUndefined();
      }),
    );
  });

  it('may be a good one that was cut or changed somewhere', () => {
    const edit = fc.tuple(
      fc.constantFrom(...manifests),
      fc.nat(400),
      fc.nat(6),
      fc.constantFrom('', '"', '[', '=', '\n', '}', 'x', '😀', '\u0000'),
    );
    fc.assert(
      fc.property(edit, ([text, at, length, insert]) => {
        expect(unexpected(text.slice(0, at) + insert + text.slice(at + length))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('may have any field where another belongs', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('spin_manifest_version = 2\n', 'spin_manifest_version = "1"\n'),
        (value, version) => {
          expect(unexpected(version + stringify({ ...value, spin_manifest_version: undefined }))).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('may be nested as deep as it likes', () => {
    expect(unexpected(`spin_manifest_version = 2\na = ${'['.repeat(50_000)}`)).toBeUndefined();
    expect(
      unexpected(
        `spin_manifest_version = 2\napplication.name = "x"\napplication.tool.a.b = ${'['.repeat(900)}${']'.repeat(900)}\ntrigger = {}`,
      ),
    ).toBeUndefined();
  });
});
