// The admission webhooks for SpinApps: each must lead to somebody who answers, or no app can be written.
import { X509Certificate } from 'node:crypto';
import { API_GROUP } from '@spindle/api';
import { ApiError } from '@spindle/kube';
import { call, type Session } from '../session.ts';
import { failed, note, ok, skipped, type Finding } from './finding.ts';
import { ENDPOINT_SLICES, MUTATING, VALIDATING, type WebhookConfiguration } from './resources.ts';

const CHECK = 'webhooks';

type Webhook = NonNullable<WebhookConfiguration['webhooks']>[number];

export async function checkWebhooks(session: Session, now: Date): Promise<Finding[]> {
  try {
    const configurations = await Promise.all(
      [MUTATING, VALIDATING].map((type) => session.client.list(type, call(session))),
    );
    const ours = configurations
      .flatMap(({ items }) => items)
      .flatMap(({ metadata, webhooks = [] }) =>
        webhooks.filter(isForApps).map((webhook) => ({ configuration: metadata.name ?? '', webhook })),
      );
    const findings = await Promise.all(
      ours.map(async ({ configuration, webhook }) => {
        const { service } = webhook.clientConfig;
        return webhookFindings(configuration, webhook, service && (await readyEndpoints(session, service)), now);
      }),
    );
    const problems = findings.flat();
    if (problems.length > 0) {
      return problems;
    }
    return ours.length === 0
      ? [note(CHECK, 'none: mistakes in apps are found later, by the operator')]
      : [
          ok(
            CHECK,
            `${ours.length} answered by ${[...new Set(ours.map(({ webhook }) => placeOf(webhook)))].join(', ')}`,
          ),
        ];
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) {
      // expected: this is for those who install.
      return [skipped(CHECK, 'you may not look at webhook configurations')];
    }
    throw error;
  }
}

const isForApps = ({ rules = [] }: Webhook): boolean =>
  rules.some(({ apiGroups = [] }) => apiGroups.includes(API_GROUP));

const placeOf = ({ clientConfig: { service, url } }: Webhook): string =>
  service === undefined ? (url ?? '') : `${service.namespace}/${service.name}`;

async function readyEndpoints(
  session: Session,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<number> {
  const { items } = await session.client.list(ENDPOINT_SLICES, {
    namespace,
    labelSelector: `kubernetes.io/service-name=${name}`,
    ...call(session),
  });
  return items.flatMap(({ endpoints = [] }) => endpoints).filter(({ conditions }) => conditions?.ready !== false)
    .length;
}

/** `endpoints` is undefined for a webhook by URL. */
export function webhookFindings(
  configuration: string,
  webhook: Webhook,
  endpoints: number | undefined,
  now: Date,
): Finding[] {
  const where = `${configuration}/${webhook.name}`;
  if (endpoints === 0) {
    const blocks = webhook.failurePolicy !== 'Ignore';
    const message = `nobody answers ${where}: the Service ${placeOf(webhook)} has no ready endpoints`;
    const remedy = `Start its operator; if it was removed, delete the left-over configuration: "kubectl delete ${configuration.includes('mutating') ? 'mutating' : 'validating'}webhookconfiguration ${configuration}".`;
    return [blocks ? failed(CHECK, message, remedy) : note(CHECK, message, remedy)];
  }
  const { caBundle } = webhook.clientConfig;
  if (!caBundle) {
    return [failed(CHECK, `${where} has no caBundle`, 'The operator writes it when it starts: look at its log.')];
  }
  const until = validUntil(caBundle);
  return until !== undefined && until < now.getTime()
    ? [failed(CHECK, `the certificate of ${where} has expired`, 'Restart the operator: it makes a new one.')]
    : [];
}

function validUntil(caBundle: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(caBundle, 'base64')).validTo);
  } catch {
    // expected: whether the bundle can be read the API server will say.
    return undefined;
  }
}
