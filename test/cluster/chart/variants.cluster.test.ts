// Other ways to install: with rights in some namespaces only, without Helm, and after an install that did not end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findClusterProgram } from '../../../hack/cluster/binaries.ts';
import { installExecutor, pushApp, spinApp } from '../testing/spin-apps.ts';
import { get, newNamespace, theCluster } from '../testing/suite.ts';
import { CHART, helm, install, NAMESPACE } from './testing/helm.ts';
import { commandsOf, runAsWritten } from './testing/guide.ts';
import { addedSince, inventory } from './testing/inventory.ts';
import { operatorPods, withDefinitions, withoutDefinitions } from './testing/operators.ts';

const GUIDE = 'docs/guides/install.md';

const cluster = theCluster();
let before: Set<string>;

beforeAll(async () => {
  await withoutDefinitions(cluster);
  await cluster.kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=90s');
  before = await inventory(cluster);
});
afterAll(() => withDefinitions(cluster));

const status = async (): Promise<string> =>
  /^STATUS: (.*)$/m.exec(await helm(cluster, 'status', 'spindle', '--namespace', NAMESPACE))?.[1] ?? '';

async function uninstalled(): Promise<void> {
  await helm(cluster, 'uninstall', 'spindle', '--namespace', NAMESPACE, '--ignore-not-found', '--wait');
  await cluster.kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=90s');
}

describe('an install that did not end', () => {
  beforeEach(uninstalled);
  afterAll(uninstalled);

  it('is ended by the next command, when an image was not there', async () => {
    await expect(install(cluster, '--set', 'operator.image.tag=v0.0.0-none', '--timeout', '10s')).rejects.toThrow(
      /not ready|deadline exceeded/,
    );
    expect(await status()).toBe('failed');
    const [repair = ''] = await commandsOf(GUIDE, 'When an install did not end');
    await runAsWritten(cluster, repair);
    expect(await status()).toBe('deployed');
  });

  it('is ended by the commands of the guide, when Helm was killed meanwhile', async () => {
    const args = ['install', 'spindle', CHART, '-n', NAMESPACE, '--create-namespace', '--wait'];
    const unready = [...args, '--set', 'operator.image.tag=v0.0.0-none'];
    const killed = spawn(await findClusterProgram('helm'), unready, {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdio: 'ignore',
    });
    await expect.poll(() => operatorPods(cluster)).toHaveLength(2);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const [repair = '', again = ''] = await commandsOf(GUIDE, 'When an install did not end');
    await expect(runAsWritten(cluster, repair)).rejects.toThrow('another operation');
    await runAsWritten(cluster, again);
    expect(await status()).toBe('deployed');
  });
});

describe('for some namespaces, without rights in the cluster', () => {
  const USER = 'platform';

  beforeAll(async () => {
    await cluster.apply(
      ...[NAMESPACE, 'shop', 'blog'].flatMap((namespace) => [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { namespace, name: USER },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: USER }],
        },
      ]),
    );
  });
  afterAll(async () => {
    await uninstalled();
    await cluster.kubectl('delete', 'namespace', 'shop', 'blog', '--ignore-not-found', '--wait=false');
  });

  it('is installed by the commands of the guide, by one who rules these namespaces only', async () => {
    const [definitions = '', first = ''] = await commandsOf(GUIDE, 'With fewer rights');
    await runAsWritten(cluster, definitions);
    await runAsWritten(cluster, `export HELM_KUBEASUSER=${USER}\n${first}`);
    expect(await operatorPods(cluster)).toHaveLength(2);
    const tested = await helm(cluster, 'test', 'spindle', '--namespace', NAMESPACE, '--kube-as-user', USER);
    expect(tested).toMatch(/Phase:\s+Succeeded/);
    const wide = (await addedSince(before, cluster)).filter((line) => line.includes('<none>'));
    expect(wide.filter((line) => !/^(Namespace|CustomResourceDefinition) /.test(line))).toEqual([]);
  });

  it('runs apps there and nowhere else', async () => {
    const image = await pushApp(cluster, 'shop:v1', 'Shop');
    const elsewhere = await newNamespace(cluster, 'elsewhere');
    for (const namespace of ['shop', elsewhere]) {
      await installExecutor(cluster, namespace);
      await cluster.apply(spinApp(namespace, 'hello', { image }));
    }
    await cluster.kubectl('-n', 'shop', 'wait', '--for=condition=Ready', '--timeout=90s', 'spinapp/hello');
    expect((await get(await cluster.serviceUrl('shop', 'hello'))).body).toContain('Shop');
    expect(await cluster.kubectl('-n', elsewhere, 'get', 'deployments', '-o', 'name')).toBe('');
    // Executors are held as long as an app needs them.
    await cluster.kubectl('-n', 'shop', 'delete', 'spinapp/hello', 'spinappexecutor/node', '--timeout=90s');
    await cluster.kubectl('delete', 'namespace', elsewhere, '--timeout=90s');
  });
});

describe('without Helm', () => {
  beforeAll(() => withoutDefinitions(cluster));

  it('is what deploy/ has, as one file or as a base for kustomize, and takes itself away again', async () => {
    const [apply = ''] = await commandsOf(GUIDE, 'Without Helm');
    await runAsWritten(cluster, apply);
    expect(await operatorPods(cluster)).toHaveLength(2);
    // Settles without a difference, or fails.
    await cluster.kubectl('diff', '--server-side', '-k', 'deploy');

    const namespace = await newNamespace(cluster, 'plain');
    await installExecutor(cluster, namespace);
    const image = await pushApp(cluster, 'plain:v1', 'Plain');
    await cluster.apply(spinApp(namespace, 'hello', { image }));
    await cluster.kubectl('-n', namespace, 'wait', '--for=condition=Ready', '--timeout=90s', 'spinapp/hello');
    const wrong = cluster.apply(spinApp(namespace, 'wrong', { image, enableAutoscaling: true }));
    await expect(wrong).rejects.toThrow(/spec.replicas/);

    const remove = (await commandsOf(GUIDE, 'Uninstall')).at(-1) ?? '';
    await runAsWritten(cluster, remove);
    await cluster.kubectl('delete', 'namespace', namespace, '--timeout=90s');
    await expect.poll(() => addedSince(before, cluster)).toEqual([]);
  });
});

describe('what cannot be installed', () => {
  it('is told with its reason, and nothing of it is in the cluster', async () => {
    const nobody = helm(cluster, 'install', 'spindle', CHART, '-n', 'default', '--kube-as-user', 'nobody');
    await expect(nobody).rejects.toThrow(/User "nobody" cannot/);
    const typo = helm(cluster, 'install', 'spindle', CHART, '-n', 'default', '--set', 'operator.replica=3');
    await expect(typo).rejects.toThrow("additional properties 'replica' not allowed");
    expect(await addedSince(before, cluster)).toEqual([]);
  });
});
