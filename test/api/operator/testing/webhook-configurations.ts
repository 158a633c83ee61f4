// The webhook configurations as the chart installs them, but for an address: on the loopback there is no Service.
import { resource, type KubeClient, type KubeObject } from '@spindle/kube';
import { eventually } from './cluster.ts';
import { MUTATING_NAME, VALIDATING_NAME } from './names.ts';

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly caBundle?: string; readonly url: string };
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly Webhook[];
}

const admissionregistration = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };
export const MUTATING = resource<WebhookConfiguration>({
  ...admissionregistration,
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
});
const VALIDATING = resource<WebhookConfiguration>({
  ...admissionregistration,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
});

function webhook(port: number, name: string, verb: string, kind: string): Webhook {
  const rest = {
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    rules: [
      {
        apiGroups: ['core.spinkube.dev'],
        apiVersions: ['v1alpha1'],
        operations: ['CREATE', 'UPDATE'],
        resources: [`${kind}s`],
      },
    ],
  };
  const url = `https://127.0.0.1:${port}/${verb}-core-spinkube-dev-v1alpha1-${kind}`;
  return { name, clientConfig: { url }, ...rest };
}

export async function installWebhooks(client: KubeClient, port: number): Promise<void> {
  await client.create(MUTATING, {
    metadata: { name: MUTATING_NAME },
    webhooks: [
      webhook(port, 'mspinapp.kb.io', 'mutate', 'spinapp'),
      webhook(port, 'mspinappexecutor.kb.io', 'mutate', 'spinappexecutor'),
    ],
  });
  await client.create(VALIDATING, {
    metadata: { name: VALIDATING_NAME },
    webhooks: [
      webhook(port, 'vspinapp.kb.io', 'validate', 'spinapp'),
      webhook(port, 'vspinappexecutor.kb.io', 'validate', 'spinappexecutor'),
    ],
  });
}

/** Nobody answers any more. */
export async function removeWebhooks(client: KubeClient): Promise<void> {
  await client.delete(MUTATING, { name: MUTATING_NAME });
  await client.delete(VALIDATING, { name: VALIDATING_NAME });
}

/** Whom the API server trusts, as the operator has told it, in base64. */
export function trustedBy(client: KubeClient): Promise<string> {
  return eventually('all webhooks have the same certificate', async () => {
    const found = [
      await client.find(MUTATING, { name: MUTATING_NAME }),
      await client.find(VALIDATING, { name: VALIDATING_NAME }),
    ].flatMap((configuration) => configuration?.webhooks.map(({ clientConfig }) => clientConfig.caBundle) ?? []);
    return new Set(found).size === 1 ? found[0] : undefined;
  });
}
