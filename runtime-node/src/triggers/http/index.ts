// The HTTP trigger (spin-contract.md §3).
export type { ListedRoute } from './routes.ts';
export { startHttpTrigger, type HttpTrigger } from './serve.ts';
