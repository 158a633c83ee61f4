// The Deployment of an app (control-plane contract §2.3).
import type { SpinAppSpec } from '@spindle/api';
import { deploymentHash, templateHash, type HashesSeen } from './config-hash.ts';
import type { RunsHere } from './container.ts';
import type { DeploymentObject } from './objects.ts';
import { controllerReference, ownLabels, readyLabel, type Owner } from './owner.ts';
import { podTemplateOf } from './pod-template.ts';

export interface DeploymentInputs {
  readonly owner: Owner;
  readonly spec: SpinAppSpec;
  readonly execution: RunsHere;
  readonly runtimeConfigSecret: string;
  /** Hash of what pods read only at their start; undefined when that is nothing that others change. */
  readonly configHash: string | undefined;
  readonly seen: HashesSeen;
}

export function deploymentOf(inputs: DeploymentInputs): DeploymentObject {
  const { owner, spec, execution, runtimeConfigSecret, configHash, seen } = inputs;
  const annotations = { ...spec.deploymentAnnotations, ...deploymentHash(configHash) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: owner.name,
      namespace: owner.namespace,
      labels: ownLabels(owner.name),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: {
      ...replicasOf(inputs),
      selector: { matchLabels: { ...ownLabels(owner.name), ...readyLabel(owner.name) } },
      template: podTemplateOf({
        name: owner.name,
        spec,
        execution,
        runtimeConfigSecret,
        configHash: templateHash(configHash, seen),
      }),
    },
  };
}

/** Somebody else's number is not sent: what is not sent is not fought over. */
function replicasOf({ spec }: DeploymentInputs): { readonly replicas?: number } {
  if (spec.suspend === true) {
    // Taken from whoever scales the app: a HorizontalPodAutoscaler rests while its target has none.
    return { replicas: 0 };
  }
  return spec.enableAutoscaling === true || spec.replicas === undefined ? {} : { replicas: spec.replicas };
}
