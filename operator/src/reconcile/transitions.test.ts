import type { SpinApp, SpinAppStatus } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../plan/index.ts';
import { occurrencesOf } from './transitions.ts';

const status = (state: 'True' | 'False' | 'Unknown', reason: string, lastError?: string): SpinAppStatus => ({
  readyReplicas: 0,
  conditions: [
    { type: 'Ready', status: state, reason, message: `it is ${reason}`, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
  ...(lastError === undefined ? {} : { lastError }),
});

const app = (before?: SpinAppStatus): SpinApp => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name: 'hello', namespace: 'demo', uid: 'u' },
  spec: { image: 'a', executor: 'shim' },
  ...(before === undefined ? {} : { status: before }),
});

const problem = (reason: Problem['reason']): Problem => ({ reason, field: 'spec.a', message: 'wrong.', kind: 'wait' });

describe('an event', () => {
  it.each([
    ['an app that has become ready', status('False', 'RollingOut'), status('True', 'Deployed'), 'Deployed'],
    [
      'pods that do not come',
      status('False', 'RollingOut'),
      status('False', 'ProgressDeadlineExceeded'),
      'ProgressDeadlineExceeded',
    ],
  ])('tells of %s', (_what, before, now, reason) => {
    expect(occurrencesOf(app(before), { status: now, problems: [] })).toMatchObject([
      { reason, note: `it is ${reason}`, regarding: { kind: 'SpinApp', name: 'hello', namespace: 'demo', uid: 'u' } },
    ]);
  });

  it.each<[string, SpinAppStatus | undefined, SpinAppStatus]>([
    ['what is as before', status('True', 'Deployed'), status('True', 'Deployed')],
    ['a rollout that begins', status('True', 'Deployed'), status('False', 'RollingOut')],
    ['what is not known', undefined, status('Unknown', 'RunByOthers')],
  ])('does not tell of %s', (_what, before, now) => {
    expect(occurrencesOf(app(before), { status: now, problems: [] })).toEqual([]);
  });

  it('tells of each problem once: not again while the status says it', () => {
    const now = status('False', 'SpecInvalid', 'spec.a: wrong.');
    const problems = [problem('SpecInvalid'), problem('ExecutorInvalid')];
    expect(occurrencesOf(app(), { status: now, problems }).map(({ reason }) => reason)).toEqual([
      'SpecInvalid',
      'ExecutorInvalid',
    ]);
    expect(occurrencesOf(app(now), { status: now, problems })).toEqual([]);
  });

  it('has upstream’s reason and text for an executor that is missing', () => {
    const now = status('False', 'ExecutorNotFound', 'spec.executor: wrong.');
    const [occurrence] = occurrencesOf(app(), { status: now, problems: [problem('ExecutorNotFound')] });
    expect(occurrence).toMatchObject({ type: 'Warning', reason: 'MissingExecutor' });
    expect(occurrence?.note).toMatch(/^Could not find SpinAppExecutor demo\/shim: /);
  });
});
