// The Service of an app (control-plane contract §2.7): made for every executor, since it selects pods by one label only.
import type { SpinAppSpec } from '@spindle/api';
import type { ServiceObject } from './objects.ts';
import { controllerReference, ownLabels, readyLabel, type Owner } from './owner.ts';
import { HTTP_PORT, HTTP_PORT_NAME } from './container.ts';

export function serviceOf(owner: Owner, spec: SpinAppSpec): ServiceObject {
  const annotations = spec.serviceAnnotations ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: owner.name,
      namespace: owner.namespace,
      labels: ownLabels(owner.name),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: {
      type: 'ClusterIP',
      ports: [{ protocol: 'TCP', port: HTTP_PORT, targetPort: HTTP_PORT_NAME }],
      selector: readyLabel(owner.name),
    },
  };
}
