// Which executor runs an app (control-plane contract §2.2, §3.1). An app without one gets the first of its namespace, as the
// admission webhook would have written, or else the built-in one of those that every namespace has.
import type { SpinAppExecutor } from '@spindle/api';
import { BUILT_IN_EXECUTOR, executionOf, executorNamed, type Execution, type SharedExecutors } from './executor.ts';
import type { Problem } from './problem.ts';

export interface Chosen {
  readonly name: string;
  readonly execution: Execution;
}

export function chooseExecutor(
  named: string | undefined,
  executors: readonly SpinAppExecutor[],
  shared: SharedExecutors,
  runtimeImage: string,
): Chosen | Problem {
  const name = named || (executors.map(({ metadata }) => metadata.name).toSorted()[0] ?? BUILT_IN_EXECUTOR);
  const found = executorNamed(name, executors, shared);
  if (found === undefined) {
    return {
      reason: 'ExecutorNotFound',
      field: 'spec.executor',
      message: `there is no SpinAppExecutor "${name}" in the namespace. Create it, or name another; the app then starts by itself.`,
      kind: 'wait',
    };
  }
  const execution = executionOf(found, runtimeImage);
  return execution === undefined
    ? {
        reason: 'ExecutorInvalid',
        field: 'spec.executor',
        message: `SpinAppExecutor "${name}" makes Deployments and does not say how. Give it deploymentConfig with runtimeClassName, spinImage or node.`,
        kind: 'wait',
      }
    : { name, execution };
}
