// How the API server is reached and who asks: what config/ makes of a kubeconfig or of a pod, and the transport uses.

export interface TlsIdentity {
  /** PEM; the authorities of Node when absent. */
  readonly ca?: string | Buffer;
  /** PEM of the client's certificate and key. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name in the server's certificate, when it is not the host of the URL. */
  readonly serverName?: string;
  /** True takes any certificate. */
  readonly insecure?: boolean;
}

/** Names in lower case; several values are several lines. */
export type CredentialHeaders = Readonly<Record<string, string | string[]>>;

export interface ClusterAccess {
  /** A path in it comes before every path of a request. */
  readonly server: URL;
  /** Where namespaced objects are meant to be when nobody says so. */
  readonly namespace: string;
  readonly proxy?: URL;
  /** As of now: asked for with each new connection. */
  tls(): Promise<TlsIdentity>;
  /** As of now: asked for with each request. */
  headers(): Promise<CredentialHeaders>;
  /** The server did not take these (401). True when there are others now, so that asking again makes sense. */
  renew(headers: CredentialHeaders): Promise<boolean>;
}
