// The Secret with the certificates of public authorities, for pods whose image brings none (control-plane contract §2.4). It
// has no owner: all apps of the namespace share it, and it is the user's to change.
import { rootCertificates } from 'node:tls';
import type { Secret } from '@spindle/api';
import type { ObjectName } from '@spindle/kube';

const CA_KEY = 'ca-certificates.crt';
const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'spin-operator.spinkube.dev' };

/** Mozilla's list as this Node has it. */
export const caSecret = ({ namespace, name }: Required<ObjectName>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, annotations: MANAGED_BY },
  data: { [CA_KEY]: Buffer.from(`${rootCertificates.join('\n')}\n`).toString('base64') },
});
