// Where to listen and what to accept there, as it is given. Loads nothing, so that whoever only passes it on need not
// load a server.
import type { ConnectionShare } from './listener/connection-count.ts';
import type { ListenerLimits } from './listener/limits.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions {
  readonly address: ListenAddress;
  /** Descriptor of a socket that listens there already; it becomes this server's. */
  readonly socket?: number;
  /** Tries up to FREE_PORT_TRIES ports upward from the given one. */
  readonly findFreePort: boolean;
  readonly tls?: TlsOptions;
  /** Request line and headers together; hyper's default is about 400 KiB. */
  readonly maxHeaderBytes: number;
  /** As far as they differ from the defaults. */
  readonly clientLimits?: Partial<ListenerLimits>;
  /** How many connections there may be; any number without. */
  readonly connections?: ConnectionShare;
}

export interface TlsOptions {
  /** PEM. */
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
  /** 48 secret bytes: servers that have the same resume each other's sessions. */
  readonly ticketKeys?: Uint8Array;
}

/** hyper's default for `--http1-max-buf-size`: 8 KiB + 100 pages of 4 KiB. */
export const DEFAULT_MAX_HEADER_BYTES = 417_792;

/** `host:port`, an IPv6 host in brackets. */
export const formatAddress = ({ host, port }: ListenAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Of a connection's other end; IPv4 as such, also where it came by an IPv6 socket. */
export const peerAddress = ({ remoteAddress = '0.0.0.0', remotePort = 0 }: Peer): string =>
  formatAddress({ host: remoteAddress.replace(/^::ffff:/, ''), port: remotePort });

interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}
