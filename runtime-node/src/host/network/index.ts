// The one module through which outbound connections go.
export { ConnectError, type ConnectFailure, type Endpoint, type Resolve, type TlsOptions } from './connect.ts';
export { countOf, NETWORK_CONFIG_KEY, parseNetworkConfig, tableOf, type NetworkConfig } from './config.ts';
export { openNetwork, OutboundNetwork, type NetworkOptions } from './outbound-network.ts';
