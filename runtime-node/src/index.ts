// The public entry of the runtime: what the command line and the shim may use.
export { type HostCapability, type AppContext } from './host/capability.ts';
