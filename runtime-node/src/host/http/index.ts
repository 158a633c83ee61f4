// wasi:http 0.2 and 0.3 (spin-contract.md §3.9, §3.10, §4.13): its types, the way out, and what a trigger needs to call a guest.
import { createSecureContext } from 'node:tls';
import type { HostCapability } from '../capability.ts';
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
import { HTTP_CLIENT_INTERFACE, httpClient } from './p3/client.ts';
import { asyncHttpTypes, HTTP_TYPES_0_3 } from './p3/interface.ts';
import { Request } from './p3/request.ts';

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
}

/** The two resources of a call to a guest's `incoming-handler`. */
export const newIncomingRequest = (request: ReceivedRequest): IncomingRequest => new IncomingRequest(request);
/** What a guest's `handler` of 0.3 is called with, and what becomes of its answer. */
export const receivedRequest = (request: ReceivedRequest): Request => Request.received(request);
export { respond } from './p3/respond.ts';
export type { Response } from './p3/response.ts';
export const newResponseOutparam = (out: ResponseOut): ResponseOutparam => new ResponseOutparam(out);

export function httpCapability(options: HttpOptions = {}): HostCapability<HttpConfig, HttpState> {
  const { h2cAuthority, authorities } = options;
  const secureContext = authorities === undefined ? platformTrust : () => createSecureContext({ ca: [...authorities] });
  return {
    id: 'http',
    interfaces: [
      TYPES_INTERFACE,
      OUTGOING_HANDLER_INTERFACE,
      OUTBOUND_HTTP_INTERFACE,
      HTTP_TYPES_INTERFACE,
      HTTP_TYPES_0_3,
      HTTP_CLIENT_INTERFACE,
    ],
    configKeys: HTTP_CONFIG_KEYS,
    parse: parseHttpConfig,
    open: async ({ connectionPooling, maxConnections, clientTls }, { network, configDir }) => {
      const pool = new ConnectionPool(network, {
        keepAlive: connectionPooling,
        limit: network.limitOf(maxConnections, 'http'),
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
        [HTTP_TYPES_0_3, asyncHttpTypes],
        [HTTP_CLIENT_INTERFACE, httpClient(handler)],
      ]);
    },
    close: async ({ pool }) => pool.close(),
  };
}
