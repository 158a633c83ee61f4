// The one module through which outbound connections go.
export { parseAddress } from './address.ts';
export { NOTHING_BLOCKED } from './blocked-networks.ts';
export { ConnectError, openTcp, startTls, type ConnectFailure, type Resolve } from './connect.ts';
export { ConnectionLimit } from './connection-limit.ts';
export { countOf, NETWORK_CONFIG_KEY, parseNetworkConfig, tableOf } from './config.ts';
export { PlaceQueue } from './place-queue.ts';
export { connectionErrorText } from './system-error.ts';
export { openNetwork, OutboundNetwork, systemResolver, type NetworkOptions } from './outbound-network.ts';
