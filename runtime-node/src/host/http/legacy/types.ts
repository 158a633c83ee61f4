// The values of `fermyon:spin/http-types`, the HTTP of Spin 1: messages that are whole, with text for header values.

export const METHODS = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options'] as const;
export type SpinMethod = (typeof METHODS)[number];

export type SpinHeaders = readonly (readonly [name: string, value: string])[];

export interface SpinRequest {
  readonly method: SpinMethod;
  readonly uri: string;
  readonly headers: SpinHeaders;
  readonly params: SpinHeaders;
  readonly body: Uint8Array | undefined;
}

export interface SpinResponse {
  readonly status: number;
  readonly headers: SpinHeaders | undefined;
  readonly body: Uint8Array | undefined;
}

export type SpinHttpError =
  | 'success'
  | 'destination-not-allowed'
  | 'invalid-url'
  | 'request-error'
  | 'runtime-error'
  | 'too-many-requests';

/** Spin's MAX_HOST_BUFFERED_BYTES: what the host holds of one message (spin-contract.md §4). */
export const MAX_BUFFERED_BYTES = 134_217_728;
