// Failures of an exchange that may be worth another try, and what they are called.
// It stays inside this package: after the last try it becomes a `UserError`.

export interface TransportErrorOptions {
  readonly retryable: boolean;
  /** What the server asked for (`retry-after`). */
  readonly retryAfterMs?: number | undefined;
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly remedy: string | undefined;

  constructor(reason: string, options: TransportErrorOptions) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.remedy = options.remedy;
  }
}

interface Failure {
  readonly reason: string;
  readonly remedy?: string;
  /** Trying again cannot help. */
  readonly final?: boolean;
}

const TRUST = 'Give the certificate of its authority in NODE_EXTRA_CA_CERTS.';
const NO_TLS: Failure = {
  reason: 'it does not speak TLS',
  remedy: 'If the registry is meant to be reached over plain HTTP, use --insecure.',
  final: true,
};
const untrusted = (reason: string): Failure => ({ reason, remedy: TRUST, final: true });

/** Ports of other protocols, which fetch refuses to speak HTTP to (Fetch standard, "port blocking"). */
const BAD_PORT: Failure = {
  reason: 'its port is reserved for another protocol',
  remedy: 'Let the registry listen on another port.',
  final: true,
};
const UNKNOWN: Failure = { reason: 'the connection failed' };
const MAX_CAUSES = 8; // fetch nests two; a chain that is longer than this may be a ring.

/** Codes of the system, OpenSSL and undici. */
const FAILURES: Readonly<Record<string, Failure>> = {
  EAI_AGAIN: { reason: 'the name server does not answer' },
  ECONNREFUSED: { reason: 'connection refused' },
  ECONNRESET: { reason: 'the connection was closed' },
  EHOSTUNREACH: { reason: 'there is no route to the host' },
  ENETUNREACH: { reason: 'there is no route to the network' },
  ENOTFOUND: { reason: 'there is no host of this name', final: true },
  EPIPE: { reason: 'the connection was closed' },
  ETIMEDOUT: { reason: 'the connection timed out' },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'the connection timed out' },
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: { reason: 'the content changed while it was sent', final: true },
  UND_ERR_SOCKET: { reason: 'the connection was closed' },
  HPE_INVALID_CONSTANT: { reason: 'it does not speak HTTP', final: true },
  EPROTO: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  CERT_HAS_EXPIRED: untrusted('its certificate has expired'),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted('its certificate is self-signed'),
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted('its certificate is for another host'),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted('its certificate comes from an unknown authority'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted('its certificate comes from an unknown authority'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted('its certificate comes from an unknown authority'),
};

/** fetch says only "fetch failed"; the reason is some causes down, and may be one of several (IPv6, then IPv4). */
function failureOf(cause: unknown): Failure {
  for (
    let error: unknown = cause, depth = 0;
    error instanceof Error && depth < MAX_CAUSES;
    error = error.cause, depth++
  ) {
    const known = 'code' in error ? FAILURES[String(error.code)] : undefined;
    if (known !== undefined) {
      return known;
    }
    if (error instanceof AggregateError) {
      return failureOf(error.errors[0]);
    }
    if (error.message === 'bad port') {
      return BAD_PORT;
    }
  }
  return UNKNOWN;
}

/** What made a request fail, in words, and whether trying again can help. */
export function transportErrorFrom(cause: unknown): TransportError {
  const { reason, remedy, final } = failureOf(cause);
  return new TransportError(reason, { retryable: final !== true, remedy, cause });
}
