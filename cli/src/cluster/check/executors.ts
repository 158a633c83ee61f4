// The executors of a namespace: each RuntimeClass that one names must exist, and a node must have it.
import type { SpinAppExecutor } from '@spindle/api';
import { ApiError } from '@spindle/kube';
import { EXECUTORS } from '../resources.ts';
import { call, type Session } from '../session.ts';
import { failed, note, ok, skipped, type Finding } from './finding.ts';
import { NODES, RUNTIME_CLASSES, type Node, type RuntimeClass } from './resources.ts';

const CHECK = 'executors';

export async function checkExecutors(session: Session): Promise<Finding[]> {
  const { items } = await session.client.list(EXECUTORS, { namespace: session.namespace, ...call(session) });
  if (items.length === 0) {
    return [
      note(
        CHECK,
        `none in the namespace ${session.namespace}: apps run by Spindle's own ("node"); SpinKube's operator needs one`,
      ),
    ];
  }
  try {
    const [classes, nodes] = await Promise.all([
      session.client.list(RUNTIME_CLASSES, call(session)),
      session.client.list(NODES, call(session)),
    ]);
    return executorFindings(items, classes.items, nodes.items);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) {
      // expected: RuntimeClasses and nodes are the cluster's.
      return [
        skipped(
          CHECK,
          `${items.map(({ metadata }) => metadata.name).join(', ')}; you may not look at RuntimeClasses and nodes`,
        ),
      ];
    }
    throw error;
  }
}

export function executorFindings(
  executors: readonly SpinAppExecutor[],
  classes: readonly RuntimeClass[],
  nodes: readonly Node[],
): Finding[] {
  const problems = executors.flatMap((executor) => problemOf(executor, classes, nodes));
  return problems.length > 0 ? problems : [ok(CHECK, executors.map(({ metadata }) => metadata.name).join(', '))];
}

function problemOf(
  { metadata: { name }, spec: { createDeployment, deploymentConfig } }: SpinAppExecutor,
  classes: readonly RuntimeClass[],
  nodes: readonly Node[],
): Finding[] {
  if (createDeployment && deploymentConfig === undefined) {
    return [
      failed(
        CHECK,
        `${name} makes Deployments and does not say how`,
        'Give it deploymentConfig with runtimeClassName, spinImage or node.',
      ),
    ];
  }
  const wanted = deploymentConfig?.runtimeClassName;
  if (wanted === undefined) {
    return [];
  }
  const found = classes.find(({ metadata }) => metadata.name === wanted);
  if (found === undefined) {
    return [
      failed(
        CHECK,
        `${name} needs the RuntimeClass ${wanted}, which does not exist`,
        'Create it with the shim on the nodes, or give the executor "node: {}" in place of it.',
      ),
    ];
  }
  const selector = Object.entries(found.scheduling?.nodeSelector ?? {});
  const suits = nodes.some(
    (node) => isReady(node) && selector.every(([label, value]) => node.metadata.labels?.[label] === value),
  );
  return suits || nodes.length === 0
    ? []
    : [
        failed(
          CHECK,
          `no ready node suits the RuntimeClass ${wanted} (${selector.map(([label, value]) => `${label}=${value}`).join(',')})`,
          'Label a node that has the shim, or add one.',
        ),
      ];
}

const isReady = ({ status }: Node): boolean =>
  status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true;
