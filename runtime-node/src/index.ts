// The public entry of the runtime: what the command line and the shim may use.
export { composeDependencies } from './app/dependencies/index.ts';
export { DEFAULT_LIMITS, type GivenLimits } from './limits/index.ts';
export { TRIGGER_TYPES } from './run/check-triggers.ts';
export { launchThread, runApp, type Launched, type RunningApp } from './run/run-app.ts';
export { runHere } from './run/run-here.ts';
export type { InitialStatements } from './host/index.ts';
export type { RunOptions, ServedHttp } from './run/options.ts';
export { bind, descriptorOf } from './triggers/http/listener/bind.ts';
export { DEFAULT_LISTENER_LIMITS, type ListenerLimits as ClientLimits } from './triggers/http/listener/limits.ts';
export { DEFAULT_MAX_HEADER_BYTES, formatAddress, type ListenAddress } from './triggers/http/address.ts';
export { duplicateDescriptor } from './threads/listening-socket.ts';
