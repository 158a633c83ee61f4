// The cluster itself: what the other tests stand on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { findClusterProgram } from '../../hack/cluster/binaries.ts';
import { RUNTIME_IMAGE } from './testing/images.ts';
import { get, newNamespace, theCluster } from './testing/suite.ts';

const cluster = theCluster();
let namespace: string;

/** Each pod answers its own name. */
const SERVER = `
  console.log('serving');
  require('node:http').createServer((_, response) => response.end(require('node:os').hostname())).listen(8080);
  process.on('SIGTERM', () => process.exit(0));
`;
const labels = { app: 'names' };

beforeAll(async () => {
  namespace = await newNamespace(cluster, 'node');
  await cluster.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'names' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'server',
                image: RUNTIME_IMAGE,
                command: ['node', '-e', SERVER],
                readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'names' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  );
  await kubectl('rollout', 'status', 'deployment/names', '--timeout=90s');
});

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

const podNames = async (): Promise<string[]> =>
  (await kubectl('get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ').toSorted();

describe('a cluster of hack/cluster', () => {
  it('has one node, which is Ready', async () => {
    const nodes = 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
    expect((await cluster.kubectl('get', 'nodes', '-o', nodes)).trim()).toBe(`${cluster.nodeName}=True`);
  });

  it('spreads requests to a Service over its pods', async () => {
    const url = await cluster.serviceUrl(namespace, 'names');
    const answered = new Set<string>();
    await expect.poll(async () => answered.add((await get(url)).body).size).toBe(2);
    expect([...answered].toSorted()).toEqual(await podNames());
  });

  it('lets a pod reach a Service by its name, also one that the pod itself serves, and the API server', async () => {
    const [pod = ''] = await podNames();
    const ask = `
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      const api = 'https://' + process.env.KUBERNETES_SERVICE_HOST + '/version';
      const answers = [fetch(api).then((r) => r.status)];
      for (let n = 0; n < 10; n += 1) answers.push(fetch('http://names/').then((r) => r.status));
      Promise.all(answers).then((all) => console.log([...new Set(all)].join()));
    `;
    expect((await kubectl('exec', pod, '--', 'node', '-e', ask)).trim()).toBe('200');
  });

  it('shows what a pod prints', async () => {
    const [pod = ''] = await podNames();
    expect(await kubectl('logs', pod)).toBe('serving\n');
  });

  it('forwards a port to a pod', async () => {
    const [pod = ''] = await podNames();
    const forward = spawn(
      await findClusterProgram('kubectl'),
      ['--kubeconfig', cluster.kubeconfig, '-n', namespace, 'port-forward', pod, ':8080'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const [line] = (await once(createInterface({ input: forward.stdout }), 'line')) as [string];
      const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
      expect(await get(`http://${address}/`)).toEqual({ status: 200, body: pod });
    } finally {
      forward.kill('SIGKILL');
    }
  });

  it('keeps pods over a restart of containerd, and makes new ones after it', async () => {
    const uids = 'jsonpath={range .items[*]}{.metadata.uid}/{.status.containerStatuses[0].restartCount} {end}';
    const before = await kubectl('get', 'pods', '-o', uids);
    await cluster.restartContainerd();
    const url = await cluster.serviceUrl(namespace, 'names');
    expect((await get(url)).status).toBe(200);
    await kubectl('scale', 'deployment/names', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/names', '--timeout=90s');
    const after = (await kubectl('get', 'pods', '-o', uids)).split(' ');
    expect(after).toEqual(expect.arrayContaining(before.split(' ')));
  });
});
