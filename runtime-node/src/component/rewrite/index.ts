// Rewriting of core modules before they are compiled: the interface is types.ts.
export { takeDataApart, type DataApart } from './data-apart.ts';
export { RewriteError } from './error.ts';
export { rewriteModule } from './rewrite.ts';
export { ENGINE, EXPORTED, type ModuleFacts, type RewriteOptions } from './types.ts';
