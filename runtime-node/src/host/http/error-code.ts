// The wasi:http `error-code` variant, all of its cases, and the errors of the host that carry one.
// Which failure becomes which code is spin-contract.md §3.9.
import { IoError, type StreamError } from '../io/streams.ts';

interface DnsErrorPayload {
  readonly rcode: string | undefined;
  readonly infoCode: number | undefined;
}

interface TlsAlertReceivedPayload {
  readonly alertId: number | undefined;
  readonly alertMessage: string | undefined;
}

interface FieldSizePayload {
  readonly fieldName: string | undefined;
  readonly fieldSize: number | undefined;
}

/** Cases without a payload, in the order of the WIT. */
type PlainCase =
  | 'DNS-timeout'
  | 'destination-not-found'
  | 'destination-unavailable'
  | 'destination-IP-prohibited'
  | 'destination-IP-unroutable'
  | 'connection-refused'
  | 'connection-terminated'
  | 'connection-timeout'
  | 'connection-read-timeout'
  | 'connection-write-timeout'
  | 'connection-limit-reached'
  | 'TLS-protocol-error'
  | 'TLS-certificate-error'
  | 'HTTP-request-denied'
  | 'HTTP-request-length-required'
  | 'HTTP-request-method-invalid'
  | 'HTTP-request-URI-invalid'
  | 'HTTP-request-URI-too-long'
  | 'HTTP-response-incomplete'
  | 'HTTP-response-timeout'
  | 'HTTP-upgrade-failed'
  | 'HTTP-protocol-error'
  | 'loop-detected'
  | 'configuration-error';

type SizedBody = 'HTTP-request-body-size' | 'HTTP-response-body-size';

type SizedSection =
  | 'HTTP-request-header-section-size'
  | 'HTTP-request-trailer-section-size'
  | 'HTTP-response-header-section-size'
  | 'HTTP-response-trailer-section-size';

type SizedField = 'HTTP-request-trailer-size' | 'HTTP-response-header-size' | 'HTTP-response-trailer-size';

type Explained = 'HTTP-response-transfer-coding' | 'HTTP-response-content-coding' | 'internal-error';

export type ErrorCode =
  | { readonly tag: PlainCase }
  | { readonly tag: 'DNS-error'; readonly val: DnsErrorPayload }
  | { readonly tag: 'TLS-alert-received'; readonly val: TlsAlertReceivedPayload }
  | { readonly tag: SizedBody; readonly val: bigint | undefined }
  | { readonly tag: SizedSection; readonly val: number | undefined }
  | { readonly tag: SizedField; readonly val: FieldSizePayload }
  | { readonly tag: 'HTTP-request-header-size'; readonly val: FieldSizePayload | undefined }
  | { readonly tag: Explained; readonly val: string | undefined };

/** A failure of the host that a guest sees as an error-code. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, options?: ErrorOptions) {
    super(code.tag, options);
    this.code = code;
  }
}

/** The code of any error: whatever says nothing better is a breach of the protocol (§3.9 "other hyper errors"). */
export const errorCodeOf = (error: unknown): ErrorCode =>
  error instanceof HttpError ? error.code : { tag: 'HTTP-protocol-error' };

/** An `ErrorCode` as the failure of a stream, from which `http-error-code` gives it back. */
export const streamFailure = (code: ErrorCode): StreamError => ({
  tag: 'last-operation-failed',
  val: new IoError(code.tag, code),
});
