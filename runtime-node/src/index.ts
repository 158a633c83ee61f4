// The public entry of the runtime: what the command line and the shim may use.
export { DEFAULT_LIMITS, type GivenLimits } from './limits/index.ts';
export { runApp, type RunningApp, type RunOptions } from './run/run-app.ts';
export {
  DEFAULT_MAX_HEADER_BYTES,
  formatAddress,
  type HttpTrigger,
  type ListenAddress,
} from './triggers/http/index.ts';
