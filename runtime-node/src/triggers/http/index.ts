// The HTTP trigger (spin-contract.md §3).
export { DEFAULT_MAX_HEADER_BYTES, formatAddress, type ListenAddress, type ListenerOptions } from './listener.ts';
export { startHttpTrigger, type HttpTrigger } from './serve.ts';
