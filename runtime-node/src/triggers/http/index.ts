// The HTTP trigger (spin-contract.md §3).
export { DEFAULT_MAX_HEADER_BYTES, formatAddress, type ListenAddress, type ListenerOptions } from './address.ts';
export type { HttpRoutes, ListedRoute } from './routes.ts';
export { startHttpTrigger, type HttpTrigger } from './serve.ts';
