// The addresses of cluster number n, so that several fit on one machine. All lie in 10.86.0.0/15, away from what Docker
// (172.16.0.0/12) and kind or Minikube (10.244.0.0/16, 10.96.0.0/12) take by themselves.

export interface Addresses {
  /** This machine's end of the link to the node; the registry and the names of Services are there. */
  readonly host: string;
  readonly node: string;
  readonly linkPrefix: number;
  readonly pods: string;
  readonly services: string;
  /** Name of this machine's end of the link. */
  readonly link: string;
}

/** One octet says which cluster it is; nobody needs more on one machine. */
export const MAX_CLUSTERS = 16;

export function addressesOf(number: number): Addresses {
  return {
    // A whole /24 each, and the pods' 254 are more than a kubelet takes.
    host: `10.86.${number}.1`,
    node: `10.86.${number}.2`,
    linkPrefix: 30,
    pods: `10.87.${number}.0/24`,
    services: `10.87.${128 + number}.0/24`,
    link: `spindle${number}`,
  };
}
