// From a spin.toml, a .wasm file or an OCI reference to a locked app whose content is on this machine.
export type * from './types.ts';
