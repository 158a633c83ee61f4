// kube-client 6 and 22 on a real API server: what happens to credentials that it no longer takes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { createClient } from '../client/kube-client.ts';
import { resource } from '../client/resource.ts';
import type { ClusterAccess } from '../transport/access.ts';
import { createTransport } from '../transport/http-transport.ts';
import type { Transport } from '../transport/types.ts';
import { loadClusterAccess } from './load.ts';

const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });

let controlPlane: ControlPlane;
let directory: string;
let transports: Transport[];
let codes: string[];

beforeAll(async () => {
  controlPlane = await startControlPlane({ users: [{ name: 'nobody', token: 'of-nobody', groups: [] }] });
});
afterAll(() => controlPlane?.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  transports = [];
  codes = [];
});
afterEach(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await rm(directory, { recursive: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

async function pod(token: string): Promise<ClusterAccess> {
  await write('token', token);
  await write('ca.crt', controlPlane.certificateAuthority);
  const { hostname, port } = new URL(controlPlane.url);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  return loadClusterAccess({ env, serviceAccount: directory });
}

function read(access: ClusterAccess): Promise<string | undefined> {
  const observer = { requestEnded: ({ code }: { readonly code: string }) => void codes.push(code) };
  const transport = createTransport(access, { userAgent: 'test', observer });
  transports.push(transport);
  return createClient(transport, { fieldManager: 'test' })
    .get(NAMESPACES, { name: 'default' })
    .then(({ metadata }) => metadata.name);
}

describe('22: a pod', () => {
  it('talks to its API server with the files of its service account', async () => {
    expect(await read(await pod(controlPlane.adminToken))).toBe('default');
  });

  it('reads its token again when it is refused, and asks once more', async () => {
    const access = await pod('run out');
    await access.headers();
    await write('token', controlPlane.adminToken);
    expect(await read(access)).toBe('default');
    expect(codes).toEqual(['401', '200']);
  });

  it('is told when there is no other token', async () => {
    await expect(read(await pod('run out'))).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(codes).toEqual(['401']);
  });

  it('trusts no other authority than its own', async () => {
    const access = await pod(controlPlane.adminToken);
    await rm(join(directory, 'ca.crt'));
    await write('ca.crt', '');
    await expect(read(access)).rejects.toMatchObject({ kind: 'connect' });
  });
});

describe('6: a refusal', () => {
  it('for want of a role can be tried again: somebody may grant it', async () => {
    await expect(read(await pod('of-nobody'))).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      retry: 'backoff',
    });
    expect(codes).toEqual(['403']);
  });
});

const credential = (token: string): string =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });

describe('a kubeconfig', () => {
  it('with a plugin has it run again when the API server refuses its token', async () => {
    await write('answer', credential('run out'));
    const config = JSON.parse(await readFile(controlPlane.kubeconfig, 'utf8'));
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'cat', args: [join(directory, 'answer')] };
    config.users[0].user = { exec };
    await write('config', JSON.stringify(config));
    const access = await loadClusterAccess({ env: process.env, kubeconfig: join(directory, 'config') });
    await access.headers();
    await write('answer', credential(controlPlane.adminToken));
    expect(await read(access)).toBe('default');
    expect(codes).toEqual(['401', '200']);
  });

  it('with impersonation is who it names, with all of its groups', async () => {
    const config = JSON.parse(await readFile(controlPlane.kubeconfig, 'utf8'));
    config.users[0].user = { ...config.users[0].user, as: 'jane', 'as-groups': ['some', 'system:masters'] };
    await write('config', JSON.stringify(config));
    const access = await loadClusterAccess({ env: {}, kubeconfig: join(directory, 'config') });
    expect(await read(access)).toBe('default');
    config.users[0].user['as-groups'] = ['some'];
    await write('config', JSON.stringify(config));
    const less = await loadClusterAccess({ env: {}, kubeconfig: join(directory, 'config') });
    await expect(read(less)).rejects.toMatchObject({ status: 403, message: expect.stringContaining('"jane"') });
  });
});
