// Pods through a RuntimeClass whose handler is the shim: from artefacts in a registry, beside ordinary containers.
import { beforeAll, describe, expect, it } from 'vitest';
import { runInside } from '../../../hack/cluster/machine.ts';
import { SHIM_HANDLER } from '../../shim/testing/node.ts';
import { pushApp } from '../testing/spin-apps.ts';
import { RUNTIME_IMAGE } from '../testing/images.ts';
import { get, newNamespace, theCluster } from '../testing/suite.ts';

const cluster = theCluster();
/** As upstream's charts and documents call it. */
const runtimeClassName = 'wasmtime-spin-v2';

let namespace: string;
let image: string;

beforeAll(async () => {
  namespace = await newNamespace(cluster, 'shim');
  image = await pushApp(cluster, 'shim/hello', 'Hello');
  await cluster.apply({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: runtimeClassName },
    handler: SHIM_HANDLER,
  });
});

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

interface Container {
  readonly name: string;
  readonly [other: string]: unknown;
}

const app = (more: object = {}): Container => ({ name: 'app', image, command: ['/'], ...more });

async function runPod(name: string, containers: readonly Container[], more: object = {}): Promise<void> {
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { runtimeClassName, terminationGracePeriodSeconds: 5, containers, ...more },
  });
}

const ready = (name: string): Promise<string> =>
  kubectl('wait', '--for=condition=Ready', '--timeout=90s', `pod/${name}`);
const field = (name: string, path: string): Promise<string> => kubectl('get', 'pod', name, '-o', `jsonpath={${path}}`);

/** Nothing else has this in its command. */
const APP_PROCESS = '[f]irst-module.cjs';
const onNode = (program: string, ...args: readonly string[]): Promise<string> =>
  runInside(cluster.machine, program, args);

describe('a pod with a Spin application', () => {
  it('answers, with probes, limits, variables, a user of its own and a sidecar that is run natively', async () => {
    const sidecar: Container = {
      name: 'sidecar',
      image: RUNTIME_IMAGE,
      command: [
        'node',
        '-e',
        'console.log("beside"); setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(0))',
      ],
    };
    const probe = { httpGet: { path: '/.well-known/spin/health', port: 8080 }, periodSeconds: 1 };
    const env = [
      { name: 'SPIN_HTTP_LISTEN_ADDR', value: '0.0.0.0:8080' },
      { name: 'GREETING', value: 'Bonjour' },
    ];
    const limits = { memory: '300Mi', cpu: '1' };
    const securityContext = {
      runAsUser: 1000,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    };
    await runPod('whole', [app({ env, readinessProbe: probe, resources: { limits }, securityContext }), sidecar]);
    await ready('whole');
    const { status, body } = await get(`http://${await field('whole', '.status.podIP')}:8080/`);
    expect([status, body]).toEqual([200, expect.stringContaining('Bonjour')]);
    expect(await kubectl('logs', 'whole', '-c', 'app')).toContain('Serving http://0.0.0.0:8080');
    expect(await kubectl('logs', 'whole', '-c', 'sidecar')).toBe('beside\n');
    expect(await kubectl('exec', 'whole', '-c', 'sidecar', '--', 'node', '-p', '6*7')).toBe('42\n');
    const larger = { spec: { containers: [{ name: 'app', resources: { limits: { cpu: '1500m' } } }] } };
    await kubectl('patch', 'pod', 'whole', '--subresource', 'resize', '--patch', JSON.stringify(larger));
    await expect
      .poll(() => field('whole', '.status.containerStatuses[?(@.name=="app")].resources.limits.cpu'))
      .toBe('1500m');
    await expect(kubectl('exec', 'whole', '-c', 'app', '--', 'ls')).rejects.toThrow(/exec is not supported/);
  });

  it('is there when containerd was killed, and again when its own process was', async () => {
    await kubectl('delete', 'pod', 'whole', '--wait=true', '--timeout=60s');
    await runPod('lasting', [app({ readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 } })]);
    await ready('lasting');
    const before = await field('lasting', '.status.containerStatuses[0].containerID');
    await cluster.restartContainerd();
    await ready('lasting');
    expect(await field('lasting', '.status.containerStatuses[0].containerID')).toBe(before);
    const answer = await get(`http://${await field('lasting', '.status.podIP')}/`);
    expect(answer).toMatchObject({ status: 200 });
    await onNode('pkill', '-9', '-f', APP_PROCESS);
    await expect.poll(() => field('lasting', '.status.containerStatuses[0].restartCount')).toBe('1');
    await ready('lasting');
    const ended = '.status.containerStatuses[0].lastState.terminated.exitCode';
    expect(await field('lasting', ended)).toBe('137');
  });

  it('says why it does not start, as its termination message and in its log', async () => {
    await runPod('wrong', [app({ env: [{ name: 'SPIN_COMPONENTS_TO_RETAIN', value: 'nobody' }] })], {
      restartPolicy: 'Never',
    });
    await expect.poll(() => field('wrong', '.status.phase')).toBe('Failed');
    const terminated = '.status.containerStatuses[0].state.terminated';
    expect(await field('wrong', `${terminated}.message`)).toContain('nobody');
    expect(await kubectl('logs', 'wrong')).toContain('nobody');
  });

  it('ends in peace, and leaves nothing on the node', async () => {
    await kubectl('delete', 'pod', '--all', '--wait=true', '--timeout=60s');
    expect(await onNode('sh', '-c', `pgrep -f -- '${APP_PROCESS}' || true`)).toBe('');
    expect(await onNode('find', '/run/containerd/spin/uses', '-type', 'f')).toBe('');
    expect(await onNode('find', '/run/containerd/spin/k8s.io/oci-runtime', '-mindepth', '1')).toBe('');
  });
});
