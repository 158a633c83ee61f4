// What the Secret of the webhooks' certificates holds, and whether it is still good: pure decisions about PEM and time.
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { KeyAndCertificate } from './issue.ts';

export interface Bundle {
  readonly authority: KeyAndCertificate;
  /** PEM of every authority that a serving certificate in use may come from: what the API server is told to trust. */
  readonly trusted: string;
  readonly serving: KeyAndCertificate;
}

/** Keys of the Secret; those of kubernetes.io/tls and their common companions. */
const KEYS = {
  cert: 'tls.crt',
  key: 'tls.key',
  trusted: 'ca.crt',
  authorityKey: 'ca.key',
  authority: 'ca-signing.crt',
};

/** A certificate is renewed when less than this part of its life is left. */
const RENEW_AT = 1 / 3;

/** Undefined when something is missing or cannot be read: then all is made anew. */
export function readBundle(data: Readonly<Record<string, string>>): Bundle | undefined {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const bundle: Bundle = {
    authority: { key: text(KEYS.authorityKey), cert: text(KEYS.authority) },
    trusted: text(KEYS.trusted),
    serving: { key: text(KEYS.key), cert: text(KEYS.cert) },
  };
  return [bundle.authority.cert, bundle.serving.cert, bundle.trusted].every(isCertificate) &&
    [bundle.authority.key, bundle.serving.key].every((key) => key.includes('PRIVATE KEY'))
    ? bundle
    : undefined;
}

/** Data of the Secret, in base64. */
export const bundleData = ({ authority, trusted, serving }: Bundle): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      [KEYS.cert]: serving.cert,
      [KEYS.key]: serving.key,
      [KEYS.trusted]: trusted,
      [KEYS.authorityKey]: authority.key,
      [KEYS.authority]: authority.cert,
    }).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

/** The same object when nothing has to be renewed. */
export async function renewed(bundle: Bundle | undefined, names: readonly string[], now: Date): Promise<Bundle> {
  if (bundle === undefined || isDue(bundle.authority.cert, now)) {
    const { issueServing, makeAuthority } = await issuing();
    const authority = await makeAuthority(now);
    const old = bundle === undefined || isOver(bundle.authority.cert, now) ? [] : [bundle.authority.cert];
    return {
      authority,
      // The old one stays until its certificates are gone: replicas renew one after the other.
      trusted: [authority.cert, ...old].join('\n'),
      serving: await issueServing(authority, names, now),
    };
  }
  const { authority, serving } = bundle;
  const good = !isDue(serving.cert, now) && names.every((name) => isFor(serving.cert, name));
  if (good) {
    return bundle;
  }
  const { issueServing } = await issuing();
  return { ...bundle, serving: await issueServing(authority, names, now) };
}

/** Its library takes many megabytes, and is needed every second month. */
const issuing = () => import('./issue.ts');

/** When the next look is due. */
export function renewalTime({ authority, serving }: Bundle): Date {
  return new Date(Math.min(...[authority.cert, serving.cert].map((cert) => dueAt(new X509Certificate(cert)))));
}

function dueAt(certificate: X509Certificate): number {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return to - (to - from) * RENEW_AT;
}

const isDue = (pem: string, now: Date): boolean => now.getTime() >= dueAt(new X509Certificate(pem));
const isOver = (pem: string, now: Date): boolean => now >= new X509Certificate(pem).validToDate;

function isFor(pem: string, name: string): boolean {
  const certificate = new X509Certificate(pem);
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).validTo !== '';
  } catch {
    // expected: whatever it is, it is made anew.
    return false;
  }
}
