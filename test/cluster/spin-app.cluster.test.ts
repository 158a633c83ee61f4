// A Spin app from its push to the last of its pods, on a real node, by the operator of this checkout.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorProcess } from '../api/operator/testing/operator-process.ts';
import { startSuiteOperator } from './testing/operators.ts';
import { installExecutor, pushApp, spinApp } from './testing/spin-apps.ts';
import { get, newNamespace, theCluster } from './testing/suite.ts';

const cluster = theCluster();
let operator: OperatorProcess;
let namespace: string;

beforeAll(async () => {
  operator = await startSuiteOperator(cluster);
  // Its pods are let in nowhere else where rules are strict.
  namespace = await newNamespace(cluster, 'apps', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await installExecutor(cluster, namespace);
});
afterAll(() => operator?.stop());

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

describe('a Spin app', () => {
  it('answers through its Service once it is Ready', async () => {
    const image = await pushApp(cluster, 'hello:v1');
    await cluster.apply(spinApp(namespace, 'hello', { image }));
    await kubectl('wait', '--for=condition=Ready', '--timeout=90s', 'spinapp/hello');
    const answer = await get(await cluster.serviceUrl(namespace, 'hello'));
    expect(answer).toEqual({ status: 200, body: expect.stringContaining('Hello') });
  });

  it('has as many pods as kubectl scale says', async () => {
    await kubectl('scale', 'spinapp/hello', '--replicas=3');
    await expect.poll(() => kubectl('get', 'spinapp/hello', '-o', 'jsonpath={.status.readyReplicas}')).toBe('3');
    expect((await kubectl('get', 'pods', '-o', 'name')).trim().split('\n')).toHaveLength(3);
  });

  it('leaves nothing when it is deleted', async () => {
    await kubectl('delete', 'spinapp/hello', '--cascade=foreground', '--timeout=90s');
    await expect.poll(() => kubectl('get', 'deployments,services,replicasets,pods', '-o', 'name')).toBe('');
    const secrets = await kubectl('get', 'secrets', '-o', 'name');
    expect(secrets.trim()).toBe('secret/registry-ca');
  });
});
