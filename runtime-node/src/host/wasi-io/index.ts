// wasi:io 0.2 (spin-contract.md §3.10): the `error`, `poll` and `streams` interfaces. Owns no state: streams are
// made by other capabilities, from the classes in ../io/.
import type { HostCapability } from '../capability.ts';
import { error, poll, streams } from './host.ts';

const interfaces = new Map([
  ['wasi:io/error@0.2.12', error],
  ['wasi:io/poll@0.2.12', poll],
  ['wasi:io/streams@0.2.12', streams],
]);

export const wasiIo: HostCapability<undefined, object> = {
  id: 'wasi-io',
  interfaces: [...interfaces.keys()],
  configKeys: [],
  parse: () => undefined,
  open: async () => ({}),
  bind: () => interfaces,
};
