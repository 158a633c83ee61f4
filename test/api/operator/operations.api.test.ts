// How the operator is run: health that means it, metrics for those who may, certificates that keep themselves good, a start
// without a cluster, an end in order.
import { request } from 'node:https';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../hack/services/server-process.ts';
import { EXECUTORS, SECRETS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { eventually, startTestCluster, until, type TestCluster } from './testing/cluster.ts';
import { executor, spinApp, whenApp } from './testing/make.ts';
import { startOperator, type OperatorProcess } from './testing/operator-process.ts';
import { NOBODY, SCRAPER } from './testing/rbac.ts';
import { MUTATING_NAME } from './testing/names.ts';
import { installWebhooks, MUTATING, removeWebhooks, trustedBy } from './testing/webhook-configurations.ts';

let cluster: TestCluster;
let webhookPort: number;

beforeAll(async () => {
  cluster = await startTestCluster();
  webhookPort = await freePort();
});
afterAll(async () => {
  await cluster?.stop();
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

function scrape(port: number, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/metrics',
        agent: false,
        rejectUnauthorized: false,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.once('end', () => resolve({ status: response.statusCode, body }));
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}

describe('the metrics', () => {
  it('are given to whom the cluster allows it, under the names that dashboards know', async () => {
    const port = await freePort();
    const operator = await startOperator({
      kubeconfig: cluster.operator,
      flags: [`-metrics-bind-address=127.0.0.1:${port}`, '-metrics-secure=true'],
    });
    expect(await scrape(port)).toMatchObject({ status: 401 });
    expect(await scrape(port, 'wrong')).toMatchObject({ status: 401, body: 'Authentication failed\n' });
    expect(await scrape(port, NOBODY.token)).toMatchObject({
      status: 403,
      body: 'Authorization denied for user nobody\n',
    });
    const { status, body } = await scrape(port, SCRAPER.token);
    expect(status).toBe(200);
    for (const name of [
      'controller_runtime_reconcile_total{controller="spinapp",result="success"}',
      'controller_runtime_max_concurrent_reconciles{controller="spinapp"} 8',
      'workqueue_depth{controller="spinappexecutor",name="spinappexecutor"} 0',
      'rest_client_requests_total{code="200",method="GET",host="127.0.0.1:',
      'process_resident_memory_bytes',
    ]) {
      expect(body).toContain(name);
    }
    await operator.stop();
  });
});

describe('the webhooks’ certificates', () => {
  let operators: OperatorProcess[] = [];
  afterAll(async () => {
    for (const operator of operators) {
      await operator.stop();
    }
    await removeWebhooks(cluster.client);
  });

  it('are made, shared by replicas, told to the API server, and made again when they are lost', async () => {
    const namespace = await cluster.newNamespace();
    const otherPort = await freePort();
    await installWebhooks(cluster.client, webhookPort);
    operators = [
      await startOperator({ kubeconfig: cluster.operator, webhookPort }),
      await startOperator({ kubeconfig: cluster.operator, webhookPort: otherPort }),
    ];
    const first = await trustedBy(cluster.client);
    // The webhook answers, or this would be refused.
    await cluster.client.create(EXECUTORS, executor(namespace));

    const shared = { namespace: 'default', name: 'spin-operator-webhook-certificates' };
    await cluster.client.delete(SECRETS, shared);
    await until('they are made again', async () => (await trustedBy(cluster.client)) !== first);
    const { data } = await cluster.client.get(SECRETS, shared);
    const served = new X509Certificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64'));
    expect(served.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(served.checkHost('spin-operator-webhook-service.default.svc')).toBeDefined();
    await eventually('the webhook answers by the new one', () =>
      cluster.client.create(SPIN_APPS, spinApp(namespace, 'hello')).catch(() => undefined),
    );

    await cluster.client.patch(MUTATING, { name: MUTATING_NAME }, 'json', [
      { op: 'remove', path: '/webhooks/0/clientConfig/caBundle' },
    ]);
    await trustedBy(cluster.client);
  });

  it('leave nothing to ask for in peace', async () => {
    const [operator] = operators;
    const before = await eventually('nothing is under way', async () => {
      const requests = await operator?.requests();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return (await operator?.requests()) === requests ? requests : undefined;
    });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await operator?.requests()).toBe(before);
  });
});

describe('an operator', () => {
  it('is alive and not ready while it may not read what it needs', async () => {
    const operator = await startOperator({
      kubeconfig: await cluster.controlPlane.kubeconfigFor(NOBODY.token),
      waitUntilReady: false,
    });
    const body = await (await fetch(`http://127.0.0.1:${operator.healthPort}/readyz`)).text();
    expect(body).toContain('[-]caches failed: not everything has been read yet');
    expect((await fetch(`http://127.0.0.1:${operator.healthPort}/healthz`)).status).toBe(200);
    await operator.stop();
  });

  it('goes on after the API server was away', async () => {
    const namespace = await cluster.newNamespace();
    const operator = await startOperator({ kubeconfig: cluster.operator });
    await cluster.controlPlane.restartApiServer();
    await eventually('the API server takes objects again', () =>
      cluster.client.create(EXECUTORS, executor(namespace)).catch(() => undefined),
    );
    await eventually('the API server takes apps again', () =>
      cluster.client.create(SPIN_APPS, spinApp(namespace, 'after')).catch(() => undefined),
    );
    const app = await whenApp(
      cluster.client,
      spinApp(namespace, 'after'),
      'has its Deployment',
      ({ status }) => status?.deploymentName === 'after',
    );
    expect(app.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('RollingOut');
    await operator.stop();
  });
});
