// Spin apps for the suite: pushed by the command line as a user does it, and run by an executor whose pods trust the
// cluster's registry.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '../../../hack/cluster/cluster.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
const SPINDLE = join(ROOT, 'cli/bin/spindle.js');

/** Answers `/` with its greeting. */
const manifest = (greeting: string): string => `spin_manifest_version = 2
[application]
name = "hello"
version = "1.0.0"
[variables]
greeting = { default = "${greeting}" }
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "hello.wasm"
key_value_stores = ["default"]
variables = { greeting = "{{ greeting }}" }
`;

export interface AppFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** As a developer has it: a manifest and what it was built to. */
export async function appFolder(greeting = 'Hello'): Promise<AppFolder> {
  const path = await mkdtemp(join(tmpdir(), 'app-'));
  await writeFile(join(path, 'spin.toml'), manifest(greeting));
  await cp(join(ROOT, 'examples/hello/wasm/rust.wasm'), join(path, 'hello.wasm'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** What the command prints; an error when it does not end with 0. */
export async function spindle(
  { registry, kubeconfig }: Cluster,
  cwd: string,
  ...args: readonly string[]
): Promise<string> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, NODE_EXTRA_CA_CERTS: registry.certificate };
  return (await run(process.execPath, [SPINDLE, ...args], { cwd, env })).stdout;
}

/** The reference of the app, pushed to the registry of the cluster. */
export async function pushApp(cluster: Cluster, name: string, greeting?: string): Promise<string> {
  const folder = await appFolder(greeting);
  const reference = `${cluster.registry.host}/${name}`;
  try {
    await spindle(cluster, folder.path, 'registry', 'push', reference);
    return reference;
  } finally {
    await folder.remove();
  }
}

const apiVersion = 'core.spinkube.dev/v1alpha1';

/** An executor of the namespace for pods of Spindle's own image, and the certificate that they trust besides. */
export async function installExecutor(cluster: Cluster, namespace: string): Promise<void> {
  const certificate = await readFile(cluster.registry.certificate, 'utf8');
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'registry-ca' },
      stringData: { 'ca-certificates.crt': certificate },
    },
    {
      apiVersion,
      kind: 'SpinAppExecutor',
      metadata: { namespace, name: 'node' },
      spec: { createDeployment: true, deploymentConfig: { node: {}, caCertSecret: 'registry-ca' } },
    },
  );
}

export const spinApp = (namespace: string, name: string, spec: object): object => ({
  apiVersion,
  kind: 'SpinApp',
  metadata: { namespace, name },
  spec: { executor: 'node', replicas: 1, ...spec },
});
