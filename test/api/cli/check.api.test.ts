// `check` on a real API server: each thing that can be wrong in a cluster, made wrong.
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '@spindle/kube';
import { DEFINITIONS, RUNTIME_CLASSES, VALIDATING } from '../../../cli/src/cluster/check/resources.ts';
import { EXECUTORS, SPIN_APPS, type LiveApp } from '../../../cli/src/cluster/resources.ts';
import { scaffoldFlags } from '../../../cli/src/cluster/scaffold/arbitrary-flags.ts';
import { runInside, type Inside } from '../../../cli/src/testing/run-inside.ts';
import { startTestCluster, type TestCluster } from '../operator/testing/cluster.ts';
import { executor, spinApp } from '../operator/testing/make.ts';
import { startOperator, type OperatorProcess } from '../operator/testing/operator-process.ts';
import { NOBODY } from '../operator/testing/rbac.ts';

let cluster: TestCluster;
let operator: OperatorProcess;
let namespace: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  operator = await startOperator({ kubeconfig: cluster.operator, flags: ['--leader-elect'] });
});
afterAll(async () => {
  await operator?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.newNamespace();
});

const spindle = (...args: readonly string[]): Promise<Inside> =>
  runInside([...args, '-n', namespace, '--kubeconfig', cluster.controlPlane.kubeconfig], { cwd: '/' });

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly remedy?: string;
}

async function findings(...args: readonly string[]): Promise<readonly Finding[]> {
  const { stdout } = await spindle('check', '-o', 'json', ...args);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

const of = (found: readonly Finding[], check: string): readonly Finding[] => found.filter((one) => one.check === check);

describe('check', () => {
  it('of a good cluster finds nothing', async () => {
    const { code, stdout, stderr } = await spindle('check');
    expect([code, stderr]).toEqual([0, '']);
    const marks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 2).join(' '));
    expect(marks).toEqual([
      '√ kubernetes',
      '√ definitions',
      '√ operator',
      '! webhooks',
      '! executors',
      '√ permissions',
    ]);
  });

  it('before an installation asks what it needs, and whether one may do it', async () => {
    expect((await findings('--pre')).map(({ check, state }) => [check, state])).toEqual([
      ['kubernetes', 'ok'],
      ['permissions', 'ok'],
    ]);
    const nobody = await cluster.controlPlane.kubeconfigFor(NOBODY.token);
    const { code, stdout } = await runInside(['check', '--pre', '--kubeconfig', nobody], { cwd: '/' });
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/× permissions +you may not create customresourcedefinitions: the chart\n +Ask for/),
    ]);
  });

  it('names executors whose RuntimeClass is missing, or that no node suits', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    expect(of(await findings(), 'executors')).toEqual([
      expect.objectContaining({
        state: 'failed',
        message: 'containerd-shim-spin needs the RuntimeClass wasmtime-spin-v2, which does not exist',
      }),
    ]);
    await cluster.client.create(RUNTIME_CLASSES, { metadata: { name: 'wasmtime-spin-v2' }, handler: 'spin' });
    expect(of(await findings(), 'executors')).toEqual([
      { check: 'executors', state: 'ok', message: 'containerd-shim-spin' },
    ]);
    await cluster.client.delete(RUNTIME_CLASSES, { name: 'wasmtime-spin-v2' });
  });

  it('names a webhook that nobody answers, with the way to get rid of it', async () => {
    const configuration = {
      metadata: { name: 'left-over-validating' },
      webhooks: [
        {
          name: 'vspinapp.kb.io',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          clientConfig: { service: { namespace: 'gone', name: 'webhook', path: '/' }, caBundle: 'aGk=' },
          rules: [
            {
              apiGroups: ['core.spinkube.dev'],
              apiVersions: ['v1alpha1'],
              resources: ['nothing'],
              operations: ['CREATE'],
            },
          ],
        },
      ],
    };
    await cluster.client.create(VALIDATING, configuration as unknown as KubeObject);
    try {
      expect(of(await findings(), 'webhooks')).toEqual([
        {
          check: 'webhooks',
          state: 'note',
          message:
            'nobody answers left-over-validating/vspinapp.kb.io: the Service gone/webhook has no ready endpoints',
          remedy: expect.stringContaining('kubectl delete validatingwebhookconfiguration left-over-validating'),
        },
      ]);
    } finally {
      await cluster.client.delete(VALIDATING, { name: 'left-over-validating' });
    }
  });

  it('of an operator that has gone says that none leads', async () => {
    await operator.stop();
    try {
      const { code, stdout, stderr } = await spindle('check');
      expect([code, stderr.split('\n')[0]]).toEqual([1, 'Error: one check failed']);
      expect(stdout).toMatch(/× operator +no operator is to be seen/);
    } finally {
      operator = await startOperator({ kubeconfig: cluster.operator, flags: ['--leader-elect'] });
    }
  });

  it('says what may not be looked at, and goes on', async () => {
    const nobody = await cluster.controlPlane.kubeconfigFor(NOBODY.token);
    const { code, stdout } = await runInside(['check', '--kubeconfig', nobody, '-o', 'json'], { cwd: '/' });
    const found = (JSON.parse(stdout) as { findings: Finding[] }).findings;
    expect([code, found.filter(({ state }) => state === 'skipped').map(({ check }) => check)]).toEqual([
      1,
      ['definitions', 'operator', 'webhooks', 'executors'],
    ]);
    expect(of(found, 'permissions').map(({ message }) => message)).toContain(
      'you may not create spinapps in the namespace default: deploy',
    );
  });
});

describe('doctor --cluster', () => {
  it('names the apps of the namespace that are not well', async () => {
    await cluster.client.create(SPIN_APPS, spinApp(namespace, 'ill', { executor: 'nope' }));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { code, stdout } = await spindle('doctor', '--cluster');
    expect(code).toBe(1);
    expect(stdout).toMatch(/× apps +ill: ExecutorNotFound: spec\.executor: there is no SpinAppExecutor "nope"/);
  });
});

describe('definitions', () => {
  it('of SpinKube are told apart from ours, and a suspension is refused by them', async () => {
    const name = { name: 'spinapps.core.spinkube.dev' };
    const ours = await cluster.client.get(DEFINITIONS, name);
    const [version] = ours.spec?.versions ?? [];
    const { suspend: _, ...fields } = (version?.schema?.openAPIV3Schema?.properties?.['spec']?.properties ??
      {}) as Record<string, unknown>;
    const patch = [
      { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties', value: fields },
    ];
    await cluster.client.create(SPIN_APPS, spinApp(namespace, 'shop'));
    await cluster.client.patch(DEFINITIONS, name, 'json', patch);
    try {
      expect(of(await findings(), 'definitions')).toEqual([
        expect.objectContaining({ state: 'note', message: expect.stringContaining('lacks spec.suspend') }),
      ]);
      await expect
        .poll(() => spindle('suspend', 'shop', '--no-wait'), { timeout: 30_000 })
        .toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/lacks a field: .*suspend.*SPK5046.*Nothing was changed/s),
        });
    } finally {
      const whole = (version?.schema?.openAPIV3Schema?.properties?.['spec']?.properties ?? {}) as object;
      await cluster.client.patch(DEFINITIONS, name, 'json', [{ ...patch[0], value: whole }]);
    }
  });
});

describe('scaffold', () => {
  it('writes what the API server takes, whatever the flags', async () => {
    const answers = await Promise.all(
      fc
        .sample(scaffoldFlags, { numRuns: 120, seed: 8 })
        .map(({ args }) => runInside(['scaffold', '--name', 'tried', ...args], { cwd: '/' })),
    );
    const written = answers.filter(({ code }) => code === 0);
    expect(written.length).toBeGreaterThan(20);
    const metadata = { namespace, name: 'tried' };
    for (const { stdout } of written) {
      // The autoscaler beside it has no schema here that could differ.
      const app = parseAllDocuments(stdout, { version: '1.1' })[0]?.toJS() as LiveApp;
      await cluster.client.create(SPIN_APPS, { ...app, metadata }, { dryRun: true });
    }
  });

  it('quotes a fraction, which the API server takes for no quantity when it is a number', async () => {
    const app = spinApp(namespace, 'tried', { resources: { limits: { cpu: 0.5 } } });
    await expect(cluster.client.create(SPIN_APPS, app, { dryRun: true })).rejects.toThrow(/resources\.limits\.cpu/);
  });
});
