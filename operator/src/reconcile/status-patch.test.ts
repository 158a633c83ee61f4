import type { Condition, SpinAppStatus } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { statusPatch } from './status-patch.ts';

const condition = (type: string, status: Condition['status'] = 'True'): Condition => ({
  type,
  status,
  reason: 'Reason',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

const planned: SpinAppStatus = {
  observedGeneration: 2,
  conditions: [condition('Ready'), condition('Stalled', 'False')],
  activeScheduler: 'shim',
  readyReplicas: 1,
};

describe('the change of a status', () => {
  it('is all of it at first', () => {
    expect(statusPatch(planned, undefined)).toEqual(planned);
  });

  it('is none when it says the same, whoever has added to it and in whatever order', () => {
    const others = { theirs: 'a' };
    const conditions = [condition('Theirs'), ...(planned.conditions ?? []).toReversed()];
    expect(statusPatch(planned, { ...planned, ...others, conditions })).toBeUndefined();
  });

  it('is what differs, and no more', () => {
    expect(statusPatch(planned, { ...planned, observedGeneration: 1 })).toEqual({ observedGeneration: 2 });
  });

  it('takes away what is over', () => {
    expect(statusPatch(planned, { ...planned, lastError: 'was wrong', url: 'http://a' })).toEqual({
      lastError: null,
      url: null,
    });
  });

  it('keeps the conditions of others', () => {
    const live = { ...planned, conditions: [condition('Ready', 'False'), condition('Theirs')] };
    expect(statusPatch(planned, live)?.['conditions']).toEqual([...(planned.conditions ?? []), condition('Theirs')]);
  });
});
