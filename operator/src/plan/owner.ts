// Labels and owner references by which objects belong to an app.
import { API_VERSION, APP_NAME_LABEL, STATUS_READY, statusLabel } from '@spindle/api';
import type { OwnerReference } from './objects.ts';

/** An app as its objects name it. */
export interface Owner {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export const ownLabels = (name: string): Record<string, string> => ({ [APP_NAME_LABEL]: name });

/** Label of pods that get requests. */
export const readyLabel = (name: string): Record<string, string> => ({ [statusLabel(name)]: STATUS_READY });

/** Its deletion deletes the object, and nobody else controls the object. */
export const controllerReference = (owner: Owner): OwnerReference => ({
  ...ownerReference(owner),
  controller: true,
  blockOwnerDeletion: true,
});

/** As upstream's Secrets have it: deleted with the app, without being controlled by it. */
export const ownerReference = ({ name, uid }: Owner): OwnerReference => ({
  apiVersion: API_VERSION,
  kind: 'SpinApp',
  name,
  uid,
});
