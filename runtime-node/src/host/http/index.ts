// wasi:http 0.2 (spin-contract.md §3.9, §3.10): its types, the way out, and what a trigger needs to call a guest.
import { createSecureContext } from 'node:tls';
import type { HostCapability } from '../capability.ts';
import { ConnectionLimit, limitPerThread } from '../network/index.ts';
import { openClientTls } from './client-tls/open.ts';
import { ConnectionPool } from './client/pool.ts';
import { platformTrust } from './client/trust.ts';
import { HTTP_CONFIG_KEYS, parseHttpConfig, type HttpConfig } from './config.ts';
import type { IncomingRequest as ReceivedRequest, ResponseOut } from './exchange.ts';
import { HTTP_TYPES_INTERFACE, OUTBOUND_HTTP_INTERFACE, outboundHttp, spinHttpTypes } from './legacy/outbound.ts';
import { OUTGOING_HANDLER_INTERFACE, outgoingHandler } from './outgoing-handler.ts';
import { HttpState } from './state.ts';
import { IncomingRequest } from './types/incoming-request.ts';
import { httpTypes, TYPES_INTERFACE } from './types/interface.ts';
import { ResponseOutparam } from './types/response-outparam.ts';

export type { HttpConfig } from './config.ts';
export { BodyChannel } from './body-channel.ts';
export type { LocalComponents, LocalRequest, TakeResponse } from './local-components.ts';
export { callInbound, INBOUND_HTTP_INTERFACE, inboundRequest } from './legacy/inbound.ts';
export { HttpState } from './state.ts';

export interface HttpOptions {
  /** `host[:port]` that speaks HTTP/2 without TLS (`SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE`). */
  readonly h2cAuthority?: string;
  /** PEM of the authorities to trust instead of the platform's. */
  readonly authorities?: readonly string[];
  /** Threads that serve the app; this one keeps to its share of the limits. */
  readonly threads?: number;
}

/** The two resources of a call to a guest's `incoming-handler`. */
export const newIncomingRequest = (request: ReceivedRequest): IncomingRequest => new IncomingRequest(request);
export const newResponseOutparam = (out: ResponseOut): ResponseOutparam => new ResponseOutparam(out);

export function httpCapability(options: HttpOptions = {}): HostCapability<HttpConfig, HttpState> {
  const { h2cAuthority, authorities, threads = 1 } = options;
  const secureContext = authorities === undefined ? platformTrust : () => createSecureContext({ ca: [...authorities] });
  return {
    id: 'http',
    interfaces: [TYPES_INTERFACE, OUTGOING_HANDLER_INTERFACE, OUTBOUND_HTTP_INTERFACE, HTTP_TYPES_INTERFACE],
    configKeys: HTTP_CONFIG_KEYS,
    parse: parseHttpConfig,
    open: async ({ connectionPooling, maxConnections, clientTls }, { network, configDir }) => {
      const pool = new ConnectionPool(network, {
        keepAlive: connectionPooling,
        limit: new ConnectionLimit(limitPerThread(maxConnections, threads), network.connections),
        h2cAuthority,
      });
      return new HttpState(network, pool, await openClientTls(clientTls, configDir, secureContext));
    },
    bind: (state) => {
      const handler = outgoingHandler(state);
      return new Map([
        [TYPES_INTERFACE, httpTypes],
        [OUTGOING_HANDLER_INTERFACE, handler],
        [OUTBOUND_HTTP_INTERFACE, outboundHttp(state, handler)],
        [HTTP_TYPES_INTERFACE, spinHttpTypes],
      ]);
    },
    close: async ({ pool }) => pool.close(),
  };
}
