// What a command does when the cluster is not as it should be, against an API server in memory.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startFakeApiServer, type FakeApiServer } from '@spindle/kube/testing';
import { runInside, type Inside } from '../testing/run-inside.ts';

let server: FakeApiServer;
let folder: string;

beforeEach(async () => {
  server = await startFakeApiServer();
  folder = await mkdtemp(join(tmpdir(), 'spindle-session-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Of a cluster at this address. */
async function kubeconfig(url: string): Promise<string> {
  const path = join(folder, 'kubeconfig');
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: url } }],
      users: [{ name: 'test', user: { token: 'token' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'of-the-context' } }],
      'current-context': 'test',
    }),
  );
  return path;
}

const spindle = async (args: readonly string[], url = server.url): Promise<Inside> =>
  runInside([...args, '--kubeconfig', await kubeconfig(url)], { cwd: folder });

describe('a cluster', () => {
  it('without our definitions is told what it lacks', async () => {
    expect(await spindle(['list'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: the cluster knows no SpinApps.*SPK5046.*Install Spindle/s),
    });
  });

  it('that cannot be reached is named, and nothing was done', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    expect(await spindle(['list'], `http://127.0.0.1:${port}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`^Error: the cluster 127\\.0\\.0\\.1:${port} cannot be reached: .*SPK5045`, 's'),
      ),
    });
  });

  it.each([
    [{ status: 401, reason: 'Unauthorized' }, 5, 'does not know you'],
    [{ status: 403, reason: 'Forbidden', message: 'user cannot list' }, 5, 'does not permit it: user cannot list'],
    [{ status: 403, message: 'exceeded quota: small' }, 1, 'Raise the quota'],
    [{ status: 403, message: 'admission webhook "x" denied the request' }, 1, 'ask whoever set it'],
    [{ status: 403, message: 'because it is being terminated' }, 1, 'Wait until the namespace has gone'],
    [{ status: 500, message: 'failed calling webhook "mspinapp.kb.io": no endpoints' }, 1, 'run "check"'],
    [{ status: 422, message: 'spec.replicas: Invalid value' }, 1, 'Correct that field.'],
    [{ status: 409, message: 'the object has been modified' }, 1, 'run the command again'],
  ])('that answers %j ends the command with status %d and a way out', async (fault, status, words) => {
    server.setFaults(() => ({ kind: 'refuse', ...fault }));
    const { code, stdout, stderr } = await spindle(['list']);
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toContain(words);
  });
});

describe('a command', () => {
  it('asks in the namespace of the context unless another is given, or in all', async () => {
    await spindle(['list']);
    await spindle(['list', '-n', 'other']);
    await spindle(['list', '-A']);
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/apis/core.spinkube.dev/v1alpha1/namespaces/of-the-context/spinapps',
      '/apis/core.spinkube.dev/v1alpha1/namespaces/other/spinapps',
      '/apis/core.spinkube.dev/v1alpha1/spinapps',
    ]);
  });

  it('acts as somebody else when it is told to', async () => {
    await spindle(['list', '--as', 'ada', '--as-group', 'readers']);
    expect(server.requests[0]?.headers).toMatchObject({
      'impersonate-user': 'ada',
      'impersonate-group': 'readers',
      authorization: 'Bearer token',
    });
  });

  it('with --verbose says each request', async () => {
    const { stderr } = await spindle(['list', '--verbose']);
    expect(stderr).toMatch(/^GET \/apis\/core\.spinkube\.dev\/v1alpha1\/namespaces\/of-the-context\/spinapps: .*\n/);
  });

  it('without a name takes that of the spin.toml here', async () => {
    await writeFile(join(folder, 'spin.toml'), 'spin_manifest_version = 2\n[application]\nname = "my-shop"\n');
    await spindle(['status']);
    expect(server.requests[0]?.path).toBe(
      '/apis/core.spinkube.dev/v1alpha1/namespaces/of-the-context/spinapps/my-shop',
    );
    const config = await kubeconfig(server.url);
    const env = { SPIN_KUBE_DISABLE_DIR_CONTEXT: 'true' };
    expect(await runInside(['status', '--kubeconfig', config], { cwd: folder, env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no application name specified to look at'),
    });
  });

  it.each([
    [['deploy']],
    [['deploy', '-f', 'Not A Ref']],
    [['deploy', '-f', 'a/b', '-r', '-1']],
    [['deploy', '-f', 'a/b', '-v', 'novalue']],
    [['deploy', '-f', 'a/b', '--timeout', 'soon']],
    [['list', '-o', 'xml']],
    [['scale', 'a', 'many']],
    [['rollback', 'a', '--to-revision', '0']],
    [['variable', 'set', 'a']],
    [['variable', 'set', 'a', '--from-secret', 'x=y']],
    [['connect', 'a', '-p', '70000']],
    [['logs', 'a', '--tail', '-1']],
    [['delete']],
  ])('%j is a wrong command line, and no cluster is asked', async (args) => {
    const { code, stdout } = await spindle(args);
    expect([stdout, server.requests]).toEqual(['', []]);
    // A reference that is none has a code of its own.
    expect(code).toBe(args[2] === 'Not A Ref' ? 1 : 2);
  });
});

describe('completion', () => {
  it('is silent when there is no cluster, and quick', async () => {
    const held = createServer(() => {}).listen(0, '127.0.0.1');
    await once(held, 'listening');
    onTestFinished(() => {
      held.closeAllConnections();
      held.close();
    });
    const url = `http://127.0.0.1:${(held.address() as AddressInfo).port}`;
    const { code, stderr } = await runInside(['complete', '--', 'status', '--kubeconfig', await kubeconfig(url), ''], {
      cwd: folder,
    });
    expect([code, stderr]).toEqual([0, '']);
  });
});
