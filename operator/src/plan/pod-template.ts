// The pod template of an app. For what upstream makes too, it is upstream's to the byte: another template would replace
// every pod of a cluster that is taken over (control-plane contract §2.3, Appendix B).
import type { SpinAppSpec } from '@spindle/api';
import { containerOf, type RunsHere } from './container.ts';
import { hardened } from './hardened-pod.ts';
import type { PodTemplate } from './objects.ts';
import { ownLabels, readyLabel } from './owner.ts';
import { volumesOf } from './volumes.ts';

export interface TemplateInputs {
  readonly name: string;
  readonly spec: SpinAppSpec;
  readonly execution: RunsHere;
  readonly runtimeConfigSecret: string;
  /** Present once something that the app refers to has changed under it; see config-hash.ts. */
  readonly configHash: Readonly<Record<string, string>>;
}

export function podTemplateOf({ name, spec, execution, runtimeConfigSecret, configHash }: TemplateInputs): PodTemplate {
  const volumes = volumesOf(spec, runtimeConfigSecret, execution.common.caSecret);
  const annotations = { ...spec.podAnnotations, ...configHash };
  const template: PodTemplate = {
    metadata: {
      labels: { ...spec.podLabels, ...ownLabels(name), ...readyLabel(name) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...(execution.by === 'shim' ? { runtimeClassName: execution.runtimeClassName } : {}),
      serviceAccountName: spec.serviceAccountName || 'default',
      ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
      containers: [containerOf(name, spec, execution, volumes)],
      volumes: volumes.volumes,
    },
  };
  return execution.by === 'node' ? hardened(template, spec, execution.common.caSecret) : template;
}
