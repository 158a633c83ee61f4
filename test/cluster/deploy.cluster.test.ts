// A developer's way: from a folder to an app that answers, by the command line alone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorProcess } from '../api/operator/testing/operator-process.ts';
import { startSuiteOperator } from './testing/operators.ts';
import { appFolder, installExecutor, spindle, type AppFolder } from './testing/spin-apps.ts';
import { get, newNamespace, theCluster } from './testing/suite.ts';

const cluster = theCluster();
let operator: OperatorProcess;
let namespace: string;
let folder: AppFolder;
let reference: string;

beforeAll(async () => {
  operator = await startSuiteOperator(cluster);
  namespace = await newNamespace(cluster, 'deploy');
  await installExecutor(cluster, namespace);
  folder = await appFolder('Moin');
  reference = `${cluster.registry.host}/team/shop`;
});
afterAll(async () => {
  await folder?.remove();
  await operator?.stop();
});

const run = (...args: readonly string[]): Promise<string> => spindle(cluster, folder.path, ...args, '-n', namespace);

const answer = async (): Promise<string> => (await get(await cluster.serviceUrl(namespace, 'shop'))).body;

describe('spindle deploy', () => {
  it('pushes, applies and waits until the app answers', async () => {
    await run('deploy', '--push', '--from', `${reference}:v1`, '--replicas', '1');
    expect(await answer()).toContain('Moin');
    expect(await run('list')).toMatch(/shop\s+1\/1/);
    expect(await run('logs', 'shop')).toContain('Serving');
  });

  it('changes a variable and leaves the rest', async () => {
    await run('deploy', '--from', `${reference}:v1`, '--variable', 'greeting=Ahoi');
    // The last pod of before may still be asked while the node learns of it.
    await expect.poll(answer).toContain('Ahoi');
  });

  it('says why an image cannot run and what to do, while the app goes on; a rollback ends that', async () => {
    const failed = run('deploy', '--from', `${reference}:nope`, '--timeout', '60s').catch((error: unknown) => error);
    expect(await failed).toMatchObject({ stderr: expect.stringContaining('has no manifest team/shop nope') });
    expect(await answer()).toContain('Ahoi');
    await run('rollback', 'shop');
    await expect.poll(() => run('list')).toMatch(/shop\s+1\/1/);
    expect(await answer()).toContain('Ahoi');
  });

  it('is undone by delete', async () => {
    await run('delete', 'shop', '--yes');
    await expect
      .poll(() => cluster.kubectl('-n', namespace, 'get', 'spinapps,deployments,services,pods', '-o', 'name'))
      .toBe('');
  });
});
