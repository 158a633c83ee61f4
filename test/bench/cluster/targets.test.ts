import { describe, expect, it } from 'vitest';
import type { ClusterReport } from './report.ts';
import { verdicts } from './targets.ts';

const calm = { requests: 1000, seconds: 2, failures: {} };
const report: ClusterReport = {
  date: '',
  node: '',
  command: '',
  cores: 2,
  loadBefore: 0,
  loadAfter: 0,
  imageBytes: { operator: 46_000_000, runtime: 95_000_000 },
  installSeconds: [30, 10, 12],
  firstAnswers: [
    { way: 'kubectl apply', steps: { answered: 2_000 } },
    { way: 'kubectl apply', steps: { answered: 9_000 } },
    { way: 'kubectl apply', steps: { answered: 2_400 } },
  ],
  rolling: { ...calm, perSecond: 500, before: calm, failures: { 'socket hang up': 2, 'status 503': 1 } },
  idlePodBytes: undefined,
};

const found = (given: ClusterReport): (readonly [string, number | undefined, string])[] =>
  verdicts(given).map(({ figure, value, reached }) => [figure.replace('cluster, ', ''), value, reached]);

describe('the targets of a cluster', () => {
  it('are judged by medians, and by every failed request', () => {
    expect(found(report)).toEqual([
      ['helm install to operators Ready, p50', 12, 'yes'],
      ['kubectl apply to the first 200, p50', 2.4, 'yes'],
      ['spindle deploy to the first 200, p50', undefined, 'no verdict'],
      ['failed requests in a rolling update', 3, 'no'],
      ['image of the operator', 46, 'yes'],
      ['image of the runtime', 95, 'no'],
    ]);
  });

  it('have no verdict on an update where requests failed before it', () => {
    const before = { ...calm, failures: { 'status 503': 1 } };
    const rolling = { ...calm, perSecond: 500, before };
    expect(found({ ...report, rolling })[3]).toEqual(['failed requests in a rolling update', 0, 'no verdict']);
  });

  it('have no verdict where nothing was measured', () => {
    const none = { ...report, installSeconds: undefined, firstAnswers: undefined, rolling: undefined };
    expect(
      found(none)
        .slice(0, 4)
        .map(([, , reached]) => reached),
    ).toEqual(Array(4).fill('no verdict'));
  });
});
