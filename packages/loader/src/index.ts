// From a spin.toml, a .wasm file or an OCI reference to a locked app whose content is on this machine.
export { resolveSource, type SourceOptions } from './app-source.ts';
export { loadApp } from './load-app.ts';
export type * from './types.ts';
