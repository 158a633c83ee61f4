// Types of the registry client.
export interface Descriptor {
  mediaType: string;
  /** `sha256:<64 hex digits>`. */
  digest: string;
  /** Bytes. */
  size: number;
  annotations?: Record<string, string>;
}
