// Refusals in the API server's words (meta/v1 Status).
import type { JsonObject } from './json.ts';

export class FakeApiError extends Error {
  override readonly name = 'FakeApiError';
  readonly status: number;
  readonly reason: string;
  readonly details: JsonObject;

  constructor(status: number, reason: string, message: string, details: JsonObject) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}

export const apiError = (status: number, reason: string, message: string, details: JsonObject = {}): FakeApiError =>
  new FakeApiError(status, reason, message, details);

export const statusOf = ({ status, reason, message, details }: FakeApiError): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(Object.keys(details).length > 0 ? { details } : {}),
  code: status,
});

export const notFound = (resource: string, name: string): FakeApiError =>
  apiError(404, 'NotFound', `${resource} "${name}" not found`, { name });
export const badRequest = (message: string): FakeApiError => apiError(400, 'BadRequest', message);
export const conflict = (resource: string, name: string, why: string): FakeApiError =>
  apiError(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, { name });
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';
export const invalid = (kind: string, name: string, field: string, why: string): FakeApiError =>
  apiError(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${why}`, {
    name,
    kind,
    causes: [{ reason: 'FieldValueInvalid', message: why, field }],
  });
export const expired = (message: string): FakeApiError => apiError(410, 'Expired', message);
