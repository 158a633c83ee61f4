import type { KubeObject } from '@spindle/kube';
import { expect, it } from 'vitest';
import { differences, stateOf, withoutHistory } from './final-state.ts';

const UIDS = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];

const run = (namespace: string, uid: string, owner: string, generation = 1): KubeObject[] => [
  { kind: 'SpinApp', metadata: { name: 'a', namespace, uid, resourceVersion: `${Math.random()}` } },
  {
    kind: 'Deployment',
    metadata: {
      name: 'a',
      namespace,
      generation,
      ownerReferences: [{ apiVersion: 'v1', kind: 'SpinApp', name: 'a', uid: owner }],
    },
  },
];
const [one = '', other = ''] = UIDS;

it('two runs that differ in what no two objects share have one state', () => {
  expect(stateOf(run('ns-1', one, one), 'ns-1')).toEqual(stateOf(run('ns-12', other, other), 'ns-12'));
});

it('an owner that has gone makes a difference', () => {
  const found = differences(stateOf(run('n', one, one), 'n'), stateOf(run('n', one, other), 'n'));
  expect(found).toEqual([
    '.Deployment/a.metadata.ownerReferences.0.uid: "<SpinApp/a>" is expected, and it is "<gone>"',
  ]);
});

it('a rollout more makes a difference, but for the state without history', () => {
  const [once, twice] = [stateOf(run('n', one, one), 'n'), stateOf(run('n', one, one, 2), 'n')];
  expect(differences(once, twice)).toHaveLength(1);
  expect(differences(withoutHistory(once), withoutHistory(twice))).toEqual([]);
});

it('an object too many makes a difference', () => {
  const [app, deployment] = run('n', one, one);
  expect(differences(stateOf([app as KubeObject], 'n'), stateOf([app, deployment] as KubeObject[], 'n'))).toHaveLength(
    1,
  );
});
