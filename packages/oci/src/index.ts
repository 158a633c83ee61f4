// Registry client: references, authentication, pull, push and the shared content cache.
export type * from './types.ts';
