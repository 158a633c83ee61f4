// `deploy` and what changes an app afterwards, on a real API server with the real operator. Nobody runs pods here: what becomes
// of a Deployment is the test's.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DEPLOYMENTS, SPIN_APPS, type LiveApp } from '../../../cli/src/cluster/resources.ts';
import { runInside, type Inside, type InsideOptions } from '../../../cli/src/testing/run-inside.ts';
import { RunningSpindle } from '../../../cli/src/testing/run-spindle.ts';
import { send, startFaultRegistry } from '../../../packages/oci/src/testing/fault-registry.ts';
import { image, serveImage } from '../../../packages/oci/src/testing/image.ts';
import { eventually, startTestCluster, until, type TestCluster } from '../operator/testing/cluster.ts';
import { startOperator, type OperatorProcess } from '../operator/testing/operator-process.ts';
import { NOBODY } from '../operator/testing/rbac.ts';
import { makePod, makeReplicaSet, rollingOut, waiting } from './testing/children.ts';

const IMAGE = 'registry.invalid/team/shop:1.5';
const NEXT = 'registry.invalid/team/shop:1.6';

let cluster: TestCluster;
let operator: OperatorProcess;
let namespace: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  operator = await startOperator({ kubeconfig: cluster.operator });
});
afterAll(async () => {
  await operator?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.newNamespace();
});

const spindle = (args: readonly string[], options: InsideOptions = {}): Promise<Inside> =>
  runInside([...args, '-n', namespace, '--kubeconfig', cluster.controlPlane.kubeconfig], { cwd: '/', ...options });

const shop = (): { namespace: string; name: string } => ({ namespace, name: 'shop' });
const replicas = async (): Promise<number | undefined> =>
  (await cluster.client.find(DEPLOYMENTS, shop()))?.spec?.replicas;
const live = (): Promise<LiveApp> => cluster.client.get(SPIN_APPS, shop());

/** With somebody who runs the pods meanwhile. */
async function whileRolling(run: () => Promise<Inside>): Promise<Inside> {
  const rolling = rollingOut(cluster.client, shop());
  try {
    return await run();
  } finally {
    await rolling.stop();
  }
}

const deployed = async (...more: readonly string[]): Promise<void> => {
  expect(await spindle(['deploy', '-f', IMAGE, '--no-wait', ...more])).toMatchObject({ code: 0, stderr: '' });
};

describe('deploy', () => {
  it('makes the app, waits until it is ready, and ends with its URL', async () => {
    const { code, stdout, stderr } = await whileRolling(() => spindle(['deploy', '-f', IMAGE]));
    expect([code, stderr]).toEqual([0, '']);
    const phases = stdout.trimEnd().split('\n');
    expect(phases[0]).toMatch(
      /^shop {2}image {4}registry\.invalid\/team\/shop:1\.5 {2}\(not looked at from here: .+\)$/,
    );
    expect(phases[1]).toBe('shop  applied  spinapp.core.spinkube.dev/shop created, generation 1 (2 replicas)');
    expect(phases.at(-1)).toMatch(
      new RegExp(`^shop {2}ready {4}http://shop\\.${namespace}\\.svc:80 {3}\\(\\d+\\.\\ds\\)$`),
    );
    expect((await live()).spec).toMatchObject({ image: IMAGE, replicas: 2 });
  });

  it('with -o json says each phase in a line of JSON, and last what was deployed', async () => {
    const { stdout } = await whileRolling(() => spindle(['deploy', '-f', IMAGE, '-o', 'json']));
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; phase?: string });
    expect(new Set(lines.map(({ kind, phase }) => phase ?? kind))).toEqual(
      new Set(['image', 'applied', 'rollout', 'ready', 'Deployed']),
    );
    expect(lines.at(-1)).toEqual({
      kind: 'Deployed',
      version: 1,
      app: 'shop',
      namespace,
      image: IMAGE,
      url: `http://shop.${namespace}.svc:80`,
    });
  });

  it('with --quiet prints the URL alone, with -o name the name', async () => {
    expect(await whileRolling(() => spindle(['deploy', '-f', IMAGE, '-q']))).toMatchObject({
      stdout: `http://shop.${namespace}.svc:80\n`,
    });
    expect(await spindle(['deploy', '-f', IMAGE, '--no-wait', '-o', 'name'])).toMatchObject({
      stdout: 'spinapp.core.spinkube.dev/shop\n',
    });
  });

  it('again leaves alone what it is not told, and what others have set since', async () => {
    await deployed('--variable', 'greeting=Hi', '--executor', 'node', '-r', '3');
    await cluster.client.scale(SPIN_APPS, shop(), 5);
    await cluster.client.patch(SPIN_APPS, shop(), 'merge', { spec: { podLabels: { team: 'a' } } });
    expect(await spindle(['deploy', '-f', NEXT, '--no-wait', '-v', 'color=red'])).toMatchObject({ code: 0 });
    expect((await live()).spec).toEqual({
      enableAutoscaling: false,
      image: NEXT,
      executor: 'node',
      replicas: 5,
      podLabels: { team: 'a' },
      variables: [
        { name: 'greeting', value: 'Hi' },
        { name: 'color', value: 'red' },
      ],
    });
  });

  it('of the same thing changes nothing', async () => {
    await deployed();
    const before = await live();
    const { stdout } = await spindle(['deploy', '-f', IMAGE, '--no-wait']);
    expect(stdout).toContain('spinapp.core.spinkube.dev/shop unchanged, generation 1');
    expect((await live()).metadata.generation).toBe(before.metadata.generation);
  });

  it('takes nothing from others unless it is told to', async () => {
    await cluster.client.apply(
      SPIN_APPS,
      { metadata: shop(), spec: { image: IMAGE, replicas: 1 } },
      { fieldManager: 'kubectl-client-side-apply' },
    );
    const refused = await spindle(['deploy', '-f', NEXT, '--no-wait']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Error: somebody else sets spec\.image of shop: "kubectl-client-side-apply".*\n {2}SPK5043 at .*--force-conflicts\. Nothing was changed\.\n$/s,
      ),
    });
    expect((await live()).spec).toMatchObject({ image: IMAGE, replicas: 1 });
    expect(await spindle(['deploy', '-f', NEXT, '--no-wait', '--force-conflicts'])).toMatchObject({ code: 0 });
    expect((await live()).spec).toMatchObject({ image: NEXT, replicas: 1 });
  });

  it('takes over what upstream’s plugin has deployed', async () => {
    await cluster.client.apply(
      SPIN_APPS,
      { metadata: shop(), spec: { image: IMAGE, executor: 'containerd-shim-spin', replicas: 2 } },
      { fieldManager: 'spin-plugin-kube', force: true },
    );
    expect(await spindle(['deploy', '-f', NEXT, '--no-wait'])).toMatchObject({ code: 0 });
    expect((await live()).spec).toMatchObject({ image: NEXT, executor: 'containerd-shim-spin', replicas: 2 });
  });

  it('shows what it would do: here, on the server, and as a difference with status 1', async () => {
    const here = await runInside(['deploy', '-f', IMAGE, '--dry-run'], { cwd: '/', env: { KUBECONFIG: '/none' } });
    expect(here).toMatchObject({
      code: 0,
      stdout:
        'apiVersion: core.spinkube.dev/v1alpha1\nkind: SpinApp\nmetadata:\n  name: shop\nspec:\n  image: registry.invalid/team/shop:1.5\n  replicas: 2\n',
    });
    const there = await spindle(['deploy', '-f', IMAGE, '--dry-run=server']);
    expect([there.code, there.stdout]).toEqual([0, expect.stringContaining('  enableAutoscaling: false\n')]);
    await expect(cluster.client.find(SPIN_APPS, shop())).resolves.toBeUndefined();
    await deployed();
    const differs = await spindle(['deploy', '-f', NEXT, '--diff']);
    expect(differs).toMatchObject({
      code: 1,
      stderr: '',
      stdout: expect.stringContaining(`-   image: ${IMAGE}\n+   image: ${NEXT}\n`),
    });
    expect(await spindle(['deploy', '-f', IMAGE, '--diff'])).toMatchObject({ code: 0, stdout: '' });
    expect((await live()).spec.image).toBe(IMAGE);
  });
});

describe('a deployment that fails', () => {
  it('says what, where, why and what to do, of the first pod that cannot start, without waiting for the end', async () => {
    const deploying = spindle(['deploy', '-f', IMAGE, '--timeout', '60s']);
    const { metadata } = await eventually('there is a Deployment', () => cluster.client.find(DEPLOYMENTS, shop()));
    await cluster.client.patchStatus(DEPLOYMENTS, shop(), { observedGeneration: metadata.generation });
    await makePod(cluster.client, shop(), 'shop-7c9f-x2', waiting('ErrImagePull', `${IMAGE}: manifest unknown`));
    const { code, stderr } = await deploying;
    expect([code, stderr]).toEqual([
      1,
      `Error: shop cannot become Ready: ImagePullFailed\n  pod shop-7c9f-x2: ${IMAGE}: manifest unknown\n  SPK5047 at ${namespace}/shop\n\nPush the image ("registry push"), or deploy one that exists.\n`,
    ]);
  });

  it('by a quota names it', async () => {
    const deploying = spindle(['deploy', '-f', IMAGE, '--timeout', '60s']);
    const deployment = await eventually('there is a Deployment', () => cluster.client.find(DEPLOYMENTS, shop()));
    await cluster.client.patchStatus(DEPLOYMENTS, shop(), {
      observedGeneration: deployment.metadata.generation,
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message:
            'pods "shop-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4',
        },
      ],
    });
    const { code, stderr } = await deploying;
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'Error: shop cannot become Ready: QuotaExceeded']);
    expect(stderr).toContain('Raise the quota of the namespace ("kubectl describe quota"), or ask for less.');
  });

  it('by an executor that is not there says so as the operator does', async () => {
    const { code, stderr } = await spindle(['deploy', '-f', IMAGE, '--executor', 'nope']);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'Error: shop cannot become Ready: ExecutorNotFound']);
    expect(stderr).toContain('there is no SpinAppExecutor "nope" in the namespace');
  });

  it('has status 3 when its time is up, 4 for what is not there, 5 for what is not permitted', async () => {
    const late = await spindle(['deploy', '-f', IMAGE, '--timeout', '1s']);
    expect([late.code, late.stderr.split('\n')[0]]).toEqual([
      3,
      'Error: shop is not Ready after 1s: RollingOut, 0/2 ready',
    ]);
    const kubeconfig = cluster.controlPlane.kubeconfig;
    const nowhere = await runInside(['deploy', '-f', IMAGE, '-n', 'nowhere', '--kubeconfig', kubeconfig], { cwd: '/' });
    expect([nowhere.code, nowhere.stdout, nowhere.stderr]).toEqual([
      4,
      '',
      expect.stringMatching(
        /^Error: there is no namespace "nowhere"\n {2}SPK5040 at --namespace\n.*kubectl create namespace nowhere/s,
      ),
    ]);
    const nobody = await cluster.controlPlane.kubeconfigFor(NOBODY.token);
    const forbidden = await runInside(['deploy', '-f', NEXT, '-n', namespace, '--kubeconfig', nobody], { cwd: '/' });
    expect([forbidden.code, forbidden.stdout]).toEqual([5, '']);
    expect(forbidden.stderr).toMatch(
      /^Error: the cluster does not permit it: .*"nobody" cannot get resource "spinapps"/,
    );
    expect((await live()).spec.image).toBe(IMAGE);
  });

  it('by an image that is no Spin app, or by a registry that refuses, ends before anything is written', async () => {
    const container = image([
      { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from('rootfs') },
    ]);
    const registry = await startFaultRegistry((request, response) => {
      if (!serveImage(container, request, response)) {
        send(response, 403);
      }
    });
    const notSpin = await spindle(['deploy', '-f', `${registry.host}/me/app:v1`, '-k']);
    expect([notSpin.code, notSpin.stdout]).toEqual([1, '']);
    expect(notSpin.stderr).toMatch(/^Error: .*as an ordinary container image\n {2}SPK2004/);
    const folder = await mkdtemp(join(tmpdir(), 'spindle-deploy-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(
      join(folder, 'spin.toml'),
      'spin_manifest_version = 2\n[application]\nname = "shop"\n[[trigger.http]]\nroute = "/"\ncomponent = "a"\n[component.a]\nsource = "a.wasm"\n[component.a.build]\ncommand = "printf \'\\\\000asm\\\\015\\\\000\\\\001\\\\000\' > a.wasm"\n',
    );
    const refused = await spindle(['deploy', '--build', '-f', `${registry.host}/me/other:1`, '-k'], { cwd: folder });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/SPK200[56]/)]);
    const { items } = await cluster.client.list(SPIN_APPS, { namespace });
    expect(items).toEqual([]);
  });

  it('that is stopped has status 130, and the app goes on', async () => {
    const running = new RunningSpindle(
      ['deploy', '-f', IMAGE, '-n', namespace, '--kubeconfig', cluster.controlPlane.kubeconfig],
      { cwd: '/' },
    );
    await running.printed(/ready/);
    const { code, stderr } = await running.stop('SIGINT');
    expect([code, stderr.split('\n')[0]]).toEqual([130, 'Error: stopped before it was done']);
    expect((await live()).spec.image).toBe(IMAGE);
  });

  it('is told as JSON to whoever asked for JSON', async () => {
    const { code, stderr } = await spindle(['get', 'nope', '-o', 'json']);
    expect([code, JSON.parse(stderr)]).toEqual([
      4,
      expect.objectContaining({ kind: 'Error', version: 1, code: 'SPK5040', file: `${namespace}/nope` }),
    ]);
  });
});

describe('an app that is deployed', () => {
  it('rests and goes on as before', async () => {
    await deployed('-r', '3');
    const suspended = await whileRolling(() => spindle(['suspend', 'shop']));
    expect([suspended.code, await replicas()]).toEqual([0, 0]);
    expect(await spindle(['list'])).toMatchObject({ stdout: expect.stringMatching(/shop +0\/0 +Suspended/) });
    const resumed = await whileRolling(() => spindle(['resume', 'shop']));
    expect([resumed.code, await replicas()]).toEqual([0, 3]);
    expect((await live()).spec).not.toHaveProperty('suspend');
  });

  it('is scaled by the subresource, which a later deployment leaves alone', async () => {
    await deployed();
    expect(await whileRolling(() => spindle(['scale', 'shop', '4']))).toMatchObject({ code: 0 });
    expect((await live()).spec.replicas).toBe(4);
    expect(await spindle(['deploy', '-f', NEXT, '--no-wait'])).toMatchObject({ code: 0 });
    expect((await live()).spec.replicas).toBe(4);
    // What it has set itself it may set again.
    expect(await spindle(['deploy', '-f', NEXT, '--no-wait', '-r', '2'])).toMatchObject({ code: 0, stderr: '' });
    expect((await live()).spec.replicas).toBe(2);
  });

  it('that is scaled automatically refuses to be scaled', async () => {
    await cluster.client.apply(SPIN_APPS, { metadata: shop(), spec: { image: IMAGE, enableAutoscaling: true } });
    const { code, stderr } = await spindle(['scale', 'shop', '4']);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'Error: shop is scaled automatically']);
  });

  it('gets and loses variables', async () => {
    await deployed('-v', 'greeting=Hi');
    expect(
      await spindle([
        'variable',
        'set',
        'shop',
        'greeting=Ho',
        'url=http://x?a=b',
        '--from-secret',
        'key=shop/api-key',
        '--no-wait',
      ]),
    ).toMatchObject({ code: 0 });
    expect(await spindle(['variable', 'list', 'shop'])).toMatchObject({
      stdout: 'NAME       VALUE\ngreeting   Ho\nurl        http://x?a=b\nkey        <Secret shop, key api-key>\n',
    });
    const wrong = await spindle(['variable', 'unset', 'shop', 'greeting', 'nope', '--no-wait']);
    expect([wrong.code, wrong.stderr.split('\n')[0]]).toEqual([4, 'Error: shop has no variable "nope"']);
    expect(await spindle(['variable', 'unset', 'shop', 'greeting', '--no-wait'])).toMatchObject({ code: 0 });
    expect((await live()).spec.variables?.map(({ name }) => name)).toEqual(['url', 'key']);
  });

  it('goes back to image and variables of the version before', async () => {
    await deployed('-v', 'greeting=Hi');
    await until('the Deployment is made', async () => (await cluster.client.find(DEPLOYMENTS, shop())) !== undefined);
    await makeReplicaSet(cluster.client, shop(), 1);
    const nothing = await spindle(['rollback', 'shop', '--no-wait']);
    expect([nothing.code, nothing.stderr.split('\n')[0]]).toEqual([
      1,
      'Error: shop cannot be rolled back: its Deployment remembers no earlier version',
    ]);
    await spindle(['deploy', '-f', NEXT, '-v', 'greeting=Ho', '--no-wait']);
    await until('it is acted on', async () =>
      JSON.stringify((await cluster.client.get(DEPLOYMENTS, shop())).spec).includes(NEXT),
    );
    await makeReplicaSet(cluster.client, shop(), 2);
    expect(await spindle(['rollback', 'shop', '--list'])).toMatchObject({
      stdout: expect.stringMatching(/^REVISION .*\n2 \(current\) +\S+:1\.6 +1 .*\n1 +\S+:1\.5 +1 /),
    });
    expect(await spindle(['rollback', 'shop', '--no-wait'])).toMatchObject({ code: 0 });
    expect((await live()).spec).toMatchObject({ image: IMAGE, variables: [{ name: 'greeting', value: 'Hi' }] });
  });

  it('is deleted when that is confirmed, and only then', async () => {
    await deployed();
    const unasked = await spindle(['delete', 'shop']);
    expect([unasked.code, unasked.stderr]).toEqual([1, expect.stringContaining('Give --yes. Nothing was changed.')]);
    expect(await spindle(['delete', 'shop'], { answers: ['n'] })).toMatchObject({ code: 1 });
    const half = await spindle(['delete', 'shop', 'nope', '--yes']);
    expect([half.code, half.stderr.split('\n')[0]]).toEqual([4, 'Error: Could not find application with name nope']);
    expect((await live()).metadata.deletionTimestamp).toBeUndefined();
    // Nobody collects garbage here, so that foreground deletion waits for ever.
    expect(await spindle(['delete', 'shop', '--no-wait'], { answers: ['y'] })).toMatchObject({
      code: 0,
      stdout: 'Successfully deleted shop\n',
    });
    expect((await live()).metadata.deletionTimestamp).toBeDefined();
    expect(await spindle(['list'])).toMatchObject({ stdout: expect.stringMatching(/shop .* Deleting /) });
  });
});
