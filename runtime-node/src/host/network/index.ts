// The one module through which outbound connections go.
export { ConnectError, type ConnectFailure, type Resolve } from './connect.ts';
export { countOf, NETWORK_CONFIG_KEY, parseNetworkConfig, tableOf, type NetworkConfig } from './config.ts';
export { openNetwork, type OutboundNetwork } from './outbound-network.ts';
