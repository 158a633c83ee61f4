import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '@spindle/api';
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../media-types.ts';
import { userError } from '../testing/thrown.ts';
import { parseManifest } from './manifest.ts';

const D = `sha256:${'1'.repeat(64)}`;
const CONFIG = { mediaType: 'application/x', digest: D, size: 2 };
const MANIFEST = { schemaVersion: 2, config: CONFIG, layers: [] };
const INDEX = { schemaVersion: 2, manifests: [{ ...CONFIG, platform: { os: 'linux', architecture: 'amd64' } }] };
const read = (document: unknown): unknown => parseManifest(Buffer.from(JSON.stringify(document)), 'ref');

describe('a manifest', () => {
  test.each([undefined, OCI_MANIFEST, DOCKER_MANIFEST])('is read with the media type %s', (mediaType) => {
    expect(read({ ...MANIFEST, mediaType, annotations: { a: 'b' } })).toEqual({
      kind: 'manifest',
      config: CONFIG,
      layers: [],
      annotations: { a: 'b' },
    });
  });

  test.each([undefined, OCI_INDEX, DOCKER_INDEX])('or an index, with the media type %s', (mediaType) => {
    expect(read({ ...INDEX, mediaType })).toEqual({ kind: 'index', manifests: INDEX.manifests });
  });

  test.each<[string, unknown, string]>([
    ['of another version', { ...MANIFEST, schemaVersion: 1 }, 'schemaVersion'],
    ['of another media type', { ...MANIFEST, mediaType: 'text/plain' }, 'mediaType'],
    ['that says it is an index', { ...MANIFEST, mediaType: OCI_INDEX }, 'mediaType'],
    ['that is an index as well', { ...MANIFEST, ...INDEX }, 'manifests'],
    ['without a configuration', { schemaVersion: 2, layers: [] }, 'config'],
    ['without layers', { schemaVersion: 2, config: CONFIG }, 'layers'],
    ['with a layer that is no descriptor', { ...MANIFEST, layers: ['x'] }, 'layers[0]'],
    ['with a short digest', { ...MANIFEST, layers: [CONFIG, { ...CONFIG, digest: 'sha256:00' }] }, 'layers[1].digest'],
    [
      'with another kind of digest',
      { ...MANIFEST, config: { ...CONFIG, digest: `md5:${'0'.repeat(32)}` } },
      'config.digest',
    ],
    [
      'with a path for a digest',
      { ...MANIFEST, config: { ...CONFIG, digest: 'sha256:../../etc/passwd' } },
      'config.digest',
    ],
    ['with a negative size', { ...MANIFEST, config: { ...CONFIG, size: -1 } }, 'config.size'],
    ['with half a byte', { ...MANIFEST, config: { ...CONFIG, size: 0.5 } }, 'config.size'],
    ['with a size beyond all numbers', { ...MANIFEST, config: { ...CONFIG, size: 2 ** 53 } }, 'config.size'],
    ['without a media type of a layer', { ...MANIFEST, layers: [{ digest: D, size: 1 }] }, 'layers[0].mediaType'],
    ['with an annotation that is a number', { ...MANIFEST, annotations: { a: 1 } }, 'annotations'],
    ['that is a list', [], ''],
    ['that is null', null, ''],
  ])('%s is refused by the name of the field', async (_, document, field) => {
    const error = await userError(() => read(document));
    expect([error.code, error.place.file, error.place.field]).toEqual(['SPK2010', 'ref', field]);
  });

  test.each(['', '{', '\0', '{"schemaVersion":2', '<html>'])('of the text %j is refused', async (text) => {
    expect((await userError(() => parseManifest(Buffer.from(text), 'ref'))).code).toBe('SPK2010');
  });

  test('of any JSON is either read or refused as the user’s mistake', () => {
    // Valid documents with one place changed come much deeper than arbitrary ones.
    const mutated = fc
      .tuple(
        fc.constantFrom(MANIFEST, INDEX),
        fc.constantFrom('config', 'layers', 'manifests', 'schemaVersion', 'mediaType'),
        fc.jsonValue(),
      )
      .map(([document, key, value]) => ({ ...document, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.jsonValue()), (document) => {
        expect(['manifest', 'index', 'refused']).toContain(outcome(document));
      }),
      { numRuns: 1000 },
    );
  });
});

function outcome(document: unknown): string {
  try {
    return parseManifest(Buffer.from(JSON.stringify(document)), 'ref').kind;
  } catch (error) {
    if (error instanceof UserError) {
      return 'refused';
    }
    throw error;
  }
}
