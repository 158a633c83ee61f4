// Status codes of gRPC that a shim answers with, and the error that carries one.

export const CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export type StatusName = keyof typeof CODE;

/** An error that the other side is told as it is; any other one is `unknown` to it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(status: StatusName | number, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = typeof status === 'number' ? status : CODE[status];
  }
}

export const isRpcError = (error: unknown, status: StatusName): boolean =>
  error instanceof RpcError && error.code === CODE[status];
