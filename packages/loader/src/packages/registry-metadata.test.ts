import { describe, expect, test } from 'vitest';
import { packageRepository, readRegistryMetadata } from './registry-metadata.ts';

describe('what a registry says of itself', () => {
  test.each([
    ['nothing', {}, {}],
    ['one protocol', { oci: { registry: 'r' } }, { preferredProtocol: 'oci', ociRegistry: 'r' }],
    ['two protocols', { oci: { registry: 'r' }, warg: { url: 'w' } }, { ociRegistry: 'r' }],
    [
      'a preference',
      { preferredProtocol: 'warg', oci: { registry: 'r' }, warg: {} },
      { preferredProtocol: 'warg', ociRegistry: 'r' },
    ],
    [
      'the older spelling',
      { ociRegistry: 'r', ociNamespacePrefix: 'p/' },
      { preferredProtocol: 'oci', ociRegistry: 'r', ociNamespacePrefix: 'p/' },
    ],
    ['only the older warg', { wargUrl: 'w' }, { preferredProtocol: 'warg' }],
    ['both older spellings', { ociRegistry: 'r', wargUrl: 'w' }, { ociRegistry: 'r' }],
  ])('%s', (_, document, expected) => {
    expect(readRegistryMetadata(document)).toEqual(expected);
  });

  test.each([[null], [[]], ['text'], [7]])('%j is not of that form', (document) => {
    expect(readRegistryMetadata(document)).toBeUndefined();
  });
});

test('a package stands below the prefix, in the registry that is named or else in its own', () => {
  expect(packageRepository('r.example', {}, 'me:thing')).toBe('r.example/me/thing');
  expect(packageRepository('r.example', { ociRegistry: 'ghcr.io', ociNamespacePrefix: 'web/' }, 'me:thing')).toBe(
    'ghcr.io/web/me/thing',
  );
});
