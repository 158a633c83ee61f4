import { apiErrorOf, type ApiError } from '@spindle/kube';
import { describe, expect, it } from 'vitest';
import { isClaimed, isTerminating, Refused, refusalOf } from './refusal.ts';

const answer = (code: number, message: string, causes: readonly object[] = []): ApiError =>
  apiErrorOf({ kind: 'Status', code, message, reason: 'Some', details: { causes } }, code);

describe('a refusal of the API server', () => {
  it.each([
    [answer(422, 'Deployment is invalid', [{ field: 'spec.a', reason: 'x', message: 'y' }]), 'ObjectRefused', 'spec.a'],
    [answer(400, 'strict decoding error'), 'ObjectRefused', 'the Deployment'],
    [answer(403, 'deployments.apps "a" is forbidden: exceeded quota: q'), 'QuotaExceeded', 'the Deployment'],
    [answer(403, 'admission webhook "x" denied the request'), 'Forbidden', 'the Deployment'],
  ])('is a problem that somebody has to solve: %s', (error, reason, field) => {
    expect(refusalOf(error, 'Deployment')?.problem).toMatchObject({ reason, field, kind: 'stalled' });
    expect(refusalOf(error, 'Deployment')?.problem.message).toContain(error.message);
  });

  it.each([
    ['a race', answer(409, 'the object has been modified')],
    ['a server in trouble', answer(500, 'etcd is away')],
    ['too many requests', answer(429, 'later')],
    [
      'a namespace that goes',
      answer(403, 'being terminated', [{ reason: 'NamespaceTerminating', message: '', field: '' }]),
    ],
    ['no answer', new Error('socket hang up')],
  ])('is none when it goes by: %s', (_what, error) => {
    expect(refusalOf(error, 'Deployment')).toBeUndefined();
  });

  it('stays what it is, and is tried again after a while', () => {
    const refused = refusalOf(answer(400, 'no'), 'Service');
    expect(refusalOf(refused, 'Deployment')).toBe(refused);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused?.retry).toEqual({ afterMs: 60_000 });
  });
});

it('a namespace that goes, and a field that is somebody’s, are told from other answers', () => {
  expect(isTerminating(answer(403, '', [{ reason: 'NamespaceTerminating', message: '', field: '' }]))).toBe(true);
  expect(isTerminating(answer(403, ''))).toBe(false);
  expect(isClaimed(answer(409, '', [{ reason: 'FieldManagerConflict', message: '', field: '' }]))).toBe(true);
  expect(isClaimed(answer(409, ''))).toBe(false);
});
