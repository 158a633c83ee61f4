// The status of a SpinApp: what is seen now, of the generation that was acted on (control-plane contract §1.3, §2.6).
import type { SpinAppStatus } from '@spindle/api';
import { conditionsOf, type ConditionInputs } from './conditions.ts';
import { HTTP_PORT } from './container.ts';
import { ownLabels, readyLabel, type Owner } from './owner.ts';
import { problemText } from './problem.ts';

export interface StatusInputs extends ConditionInputs {
  readonly owner: Owner;
  readonly executor: string;
  readonly deploymentName: string | undefined;
  readonly serviceName: string | undefined;
  readonly imageDigest: string | undefined;
}

export function statusOf(inputs: StatusInputs): SpinAppStatus {
  const { owner, executor, rollout, deploymentName, serviceName, imageDigest, generation } = inputs;
  const problem = inputs.problem ?? inputs.hint;
  const labels = { ...ownLabels(owner.name), ...readyLabel(owner.name) };
  return {
    observedGeneration: generation,
    conditions: conditionsOf(inputs),
    activeScheduler: executor,
    replicas: rollout?.total ?? 0,
    readyReplicas: rollout?.ready ?? 0,
    selector: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    ...(deploymentName === undefined ? {} : { deploymentName }),
    ...(serviceName === undefined
      ? {}
      : { serviceName, url: `http://${serviceName}.${owner.namespace}.svc:${HTTP_PORT}` }),
    ...(imageDigest === undefined ? {} : { imageDigest }),
    ...(problem === undefined ? {} : { lastError: problemText(problem) }),
  };
}
