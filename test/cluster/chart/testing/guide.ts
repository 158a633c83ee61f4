// The commands of a guide, run as they are written: by a shell in the checkout, with helm, kubectl and spindle on PATH. Only
// the registry's name is exchanged.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findClusterProgram } from '../../../../hack/cluster/binaries.ts';
import type { Cluster } from '../../../../hack/cluster/cluster.ts';
import { run, systemPath } from '../../../../hack/cluster/commands.ts';
import { ROOT } from './helm.ts';

/** In every guide. */
const REGISTRY = 'registry.example.com';

/** The shell's code blocks below a heading, or of the whole page. */
export async function commandsOf(page: string, heading?: string): Promise<string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const sections = text.split(/^(?=##? )/m);
  const section = heading === undefined ? text : sections.find((one) => one.startsWith(`## ${heading}\n`));
  if (section === undefined) {
    throw new Error(`${page} has no heading "${heading}"`);
  }
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

/** All commands of a block, each of which must succeed; what they print. */
export async function runAsWritten(cluster: Cluster, commands: string): Promise<string> {
  const programs = await Promise.all([findClusterProgram('helm'), findClusterProgram('kubectl')]);
  const path = systemPath(join(ROOT, 'node_modules/.bin'), ...programs.map((program) => dirname(program)));
  const script = commands.replaceAll(REGISTRY, cluster.registry.host);
  return run('sh', ['-euc', `cd "${ROOT}"\n${script}`], {
    env: { PATH: path, KUBECONFIG: cluster.kubeconfig, NODE_EXTRA_CA_CERTS: cluster.registry.certificate },
  });
}
