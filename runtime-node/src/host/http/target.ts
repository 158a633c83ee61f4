// Where an outgoing request goes. Read once from what the guest set: the host that is checked against the manifest is
// the host that is connected to (spin-contract.md §1.8, §3.6).
import { parseOutboundUrl, type Destination } from '@spindle/api';
import { err, ok, type Result } from '../../component/index.ts';
import type { Origin } from './client/request.ts';
import type { ErrorCode } from './error-code.ts';
import type { OutgoingRequest } from './types/outgoing-request.ts';

export interface RemoteTarget {
  readonly kind: 'remote';
  readonly destination: Destination;
  readonly origin: Origin;
  /** Host and, unless it is the scheme's own, port. */
  readonly authority: string;
}

/** The app's own listener. */
export interface SelfTarget {
  readonly kind: 'self';
}

/** For SDKs that cannot leave the authority out (spec §1.8). */
const SELF_HOST = 'self.alt';

const WELL_KNOWN_PORT = { http: 80, https: 443 } as const;

const INVALID_URI: ErrorCode = { tag: 'HTTP-request-URI-invalid' };
const UNSUPPORTED_SCHEME: ErrorCode = { tag: 'HTTP-protocol-error' };

export function targetOf(request: OutgoingRequest): Result<RemoteTarget | SelfTarget, ErrorCode> {
  const scheme = schemeName(request);
  if (scheme === undefined) {
    return err(UNSUPPORTED_SCHEME);
  }
  const authority = request.authority() ?? '';
  // Some SDKs write the authority of a relative URL as `:80`.
  if (authority === '' || authority.startsWith(':')) {
    return ok({ kind: 'self' });
  }
  const url = URL.parse(`${scheme}://${authority}/`);
  const destination = url === null ? undefined : parseOutboundUrl(`${scheme}://${url.host}/`, scheme);
  if (url === null || destination === undefined) {
    return err(INVALID_URI);
  }
  if (url.hostname === SELF_HOST) {
    return ok({ kind: 'self' });
  }
  const { host, port } = destination;
  const name = host.kind === 'ip' ? host.address.toString() : host.name;
  const origin = { scheme, host: name, port: port ?? WELL_KNOWN_PORT[scheme] };
  return ok({ kind: 'remote', destination, origin, authority: url.host });
}

/** HTTPS when the guest said nothing. */
function schemeName(request: OutgoingRequest): Origin['scheme'] | undefined {
  switch (request.scheme()?.tag) {
    case 'HTTP':
      return 'http';
    case 'HTTPS':
    case undefined:
      return 'https';
    default:
      return undefined;
  }
}
