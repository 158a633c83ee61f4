import { expect, test } from 'vitest';
import { SPIN_CASES, spinPush } from '../testing/spin-push.ts';
import { manifestAnnotations } from './annotations.ts';

const created = new Date('2026-11-21T15:27:30.082Z');

test.each(SPIN_CASES)('annotations are those that Spin wrote: %s', (name) => {
  const { lockedApp, manifest } = spinPush(name);
  const explicit = name === 'many' ? { k: 'v' } : undefined;
  expect(manifestAnnotations(lockedApp.metadata ?? {}, { created, annotations: explicit })).toEqual({
    ...manifest.annotations,
    'org.opencontainers.image.created': '2026-11-21T15:27:30.082Z',
  });
});

test('what the user gives wins, and alone stays when nothing shall be inferred', () => {
  const metadata = { name: 'app', version: '', authors: [] };
  const annotations = { 'org.opencontainers.image.title': 'other', a: 'b' };
  expect(manifestAnnotations(metadata, { created, annotations })).toEqual({
    a: 'b',
    'org.opencontainers.image.created': created.toISOString(),
    'org.opencontainers.image.title': 'other',
  });
  expect(manifestAnnotations(metadata, { created, annotations, inferAnnotations: false })).toEqual(annotations);
});
