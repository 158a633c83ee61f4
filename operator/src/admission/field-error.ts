// One wrong field, and many of them as the API server tells them (apimachinery's field.Error and StatusReasonInvalid): what
// kubectl prints is made of these texts (control-plane contract §3.2).
import { API_GROUP } from '@spindle/api';

export interface FieldError {
  /** E.g. `spec.invocationLimits[memory]`. */
  readonly field: string;
  readonly value: unknown;
  readonly detail: string;
}

/** metav1.Status, as much as an AdmissionResponse needs. */
export interface Rejection {
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: 'Invalid' | 'BadRequest';
  readonly code: number;
  readonly details?: {
    readonly name: string;
    readonly group: string;
    readonly kind: string;
    readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
  };
}

/** HTTP status of an object that is well-formed and wrong. */
const UNPROCESSABLE = 422;

export function rejection(kind: string, name: string, errors: readonly FieldError[]): Rejection {
  const causes = errors.map(({ field, value, detail }) => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${printed(value)}: ${detail}`,
    field,
  }));
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  return {
    status: 'Failure',
    message: `${kind}.${API_GROUP} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    reason: 'Invalid',
    code: UNPROCESSABLE,
    details: { name, group: API_GROUP, kind, causes },
  };
}

/** Strings in quotes, maps as JSON, numbers bare. */
const printed = (value: unknown): string => JSON.stringify(value ?? null);
