// Starts a cluster for a developer and runs until Ctrl-C: node hack/cluster/up.ts [--kind] [<image archive>...]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.ts';
import { startKindCluster } from './kind.ts';

const { values, positionals } = parseArgs({ options: { kind: { type: 'boolean' } }, allowPositionals: true });
const started = Date.now();
try {
  const cluster = await (values.kind === true ? startKindCluster : startCluster)({ images: positionals });
  process.stdout.write(`A cluster with one node is ready after ${((Date.now() - started) / 1000).toFixed(1)} s.

  export KUBECONFIG=${cluster.kubeconfig}

Apps can be pushed to its registry:

  NODE_EXTRA_CA_CERTS=${cluster.registry.certificate} spindle registry push ${cluster.registry.host}/hello:v1

Ctrl-C stops it and leaves nothing.
`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await cluster.stop();
} catch (error) {
  // expected: this machine lacks a right or a program, which the message names.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
