// The one module through which outbound connections go.
export { parseAddress } from './address.ts';
export { ConnectError, openTcp, startTls, type ConnectFailure, type Resolve } from './connect.ts';
export { ConnectionLimit, limitPerThread } from './connection-limit.ts';
export { countOf, NETWORK_CONFIG_KEY, parseNetworkConfig, tableOf } from './config.ts';
export { PlaceQueue } from './place-queue.ts';
export { connectionErrorText, systemErrorText } from './system-error.ts';
export { openNetwork, OutboundNetwork, type NetworkOptions } from './outbound-network.ts';
