// What the HTTP capability holds of one app.
import { isIPv6 } from 'node:net';
import type { OutboundNetwork } from '../network/index.ts';
import type { ClientTls } from './client-tls/client-tls.ts';
import type { ConnectionPool } from './client/pool.ts';
import type { Origin } from './client/request.ts';
import type { LocalComponents } from './local-components.ts';

export class HttpState {
  readonly network: OutboundNetwork;
  readonly pool: ConnectionPool;
  readonly clientTls: ClientTls;
  /** Where the app itself listens: the authority of requests to itself; set by the HTTP trigger once it does. */
  selfAddress: Origin | undefined;
  /** The app's components, for requests to each other and to the app itself; set by the HTTP trigger. */
  components: LocalComponents | undefined;

  constructor(network: OutboundNetwork, pool: ConnectionPool, clientTls: ClientTls) {
    this.network = network;
    this.pool = pool;
    this.clientTls = clientTls;
  }
}

/** `host:port`, an IPv6 host in brackets. */
export const originAuthority = ({ host, port }: Origin): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;
