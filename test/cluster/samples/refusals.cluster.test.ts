// What keeps an app from running on a real node, as `spindle deploy` tells it: what, where, why, and what to do. Quotas, images
// that are not there and missing permissions are in the other suites.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeImageArchive } from '../../../hack/cluster/oci-archive.ts';
import type { OperatorProcess } from '../../api/operator/testing/operator-process.ts';
import { RUNTIME_IMAGE } from '../testing/images.ts';
import { startSuiteOperator } from '../testing/operators.ts';
import { pushApp, spindle } from '../testing/spin-apps.ts';
import { newNamespace, theCluster } from '../testing/suite.ts';

const cluster = theCluster();
let operator: OperatorProcess;
let image: string;

beforeAll(async () => {
  operator = await startSuiteOperator(cluster);
  image = await pushApp(cluster, 'refused:v1');
});
afterAll(() => operator?.stop());

async function deployBy(deploymentConfig: object, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const namespace = await newNamespace(cluster, 'refused', labels);
  await cluster.apply({
    apiVersion: 'core.spinkube.dev/v1alpha1',
    kind: 'SpinAppExecutor',
    metadata: { namespace, name: 'executor' },
    spec: { createDeployment: true, deploymentConfig },
  });
  const args = ['deploy', '--from', image, '--name', 'shop', '--replicas', '1', '-n', namespace, '--timeout', '60s'];
  const told = await spindle(cluster, tmpdir(), ...args).then(
    () => 'it ran',
    (error: { readonly stderr?: string }) => error.stderr ?? String(error),
  );
  await cluster.kubectl('-n', namespace, 'delete', 'spinapps,spinappexecutors', '--all', '--timeout=90s');
  return told;
}

it('a namespace of restricted pods refuses those that are as SpinKube makes them, and the rule is told', async () => {
  const told = await deployBy({ spinImage: RUNTIME_IMAGE }, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  expect(told).toMatch(/^Error: shop cannot become Ready: /m);
  expect(told).toContain('violates PodSecurity "restricted:latest"');
  expect(told).toContain('at refused-');
});

it('an executor’s image for another machine is told from other crashes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'foreign-'));
  const name = 'example.com/spin-of-another-machine:v1';
  await mkdir(join(folder, 'rootfs'));
  await writeFile(join(folder, 'rootfs/spin'), elfOfAnotherMachine(), { mode: 0o755 });
  await writeImageArchive(join(folder, 'image.tar'), name, join(folder, 'rootfs'), { Entrypoint: ['/spin'] });
  await cluster.loadImage(join(folder, 'image.tar'));
  await rm(folder, { recursive: true });
  const told = await deployBy({ node: { image: name } });
  expect(told).toMatch(/^Error: shop cannot become Ready: /m);
  expect(told).toContain('exec format error');
  expect(told).toContain('another architecture');
});

/** The header of an executable of IBM Z (ELF, e_machine 22), which no runner of this suite is. */
function elfOfAnotherMachine(): Buffer {
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  header.writeUInt16BE(2, 16);
  header.writeUInt16BE(22, 18);
  return header;
}
