// The `request-options` resource: how long the guest is ready to wait, in nanoseconds.
export class RequestOptions {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
}
