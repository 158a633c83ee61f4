// Whose certificates outbound TLS trusts: the platform's authorities, as Spin does, or where the platform has none
// (a bare container image) those that Node brings.
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let platform: SecureContext | undefined;

/** Made at the first TLS connection and shared by all, since reading the certificates takes tens of milliseconds. */
export function platformTrust(): SecureContext {
  if (platform === undefined) {
    const authorities = getCACertificates('system');
    platform = createSecureContext(
      authorities.length === 0 ? {} : { ca: [...authorities, ...getCACertificates('extra')] },
    );
  }
  return platform;
}
