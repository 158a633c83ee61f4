// Starts a cluster for a developer and runs until Ctrl-C: node hack/cluster/up.ts [<image archive>...]
import { once } from 'node:events';
import { startCluster } from './cluster.ts';

const started = Date.now();
const cluster = await startCluster({ images: process.argv.slice(2) });
process.stdout.write(`A cluster with one node is ready after ${((Date.now() - started) / 1000).toFixed(1)} s.

  export KUBECONFIG=${cluster.kubeconfig}

Services and pods are reached at their addresses from this machine. Images and apps can be pushed to its registry:

  NODE_EXTRA_CA_CERTS=${cluster.registry.certificate} spindle registry push ${cluster.registry.host}/hello:v1

Logs of its programs are in ${cluster.machine.directory}/logs. Ctrl-C stops it and leaves nothing.
`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await cluster.stop();
