// kubectl as a user calls it.
import { findClusterProgram } from './binaries.ts';
import { run, type RunOptions } from './commands.ts';

export const kubectl = async (kubeconfig: string, args: readonly string[], options?: RunOptions): Promise<string> =>
  run(await findClusterProgram('kubectl'), ['--kubeconfig', kubeconfig, ...args], options);

export const applyObjects = (kubeconfig: string, items: readonly object[]): Promise<string> =>
  kubectl(kubeconfig, ['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
