// wasi:config at the draft that Spin serves (spin-contract.md §4.4).
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { configStore } from './host.ts';

const STORE = 'wasi:config/store@0.2.0-draft-2024-09-27';

export const wasiConfig: HostCapability<undefined, ReadonlyMap<string, HostInterface<Guest>>> = {
  id: 'wasi-config',
  interfaces: [STORE],
  configKeys: [],
  parse: () => undefined,
  open: async (_config, app) => new Map([[STORE, configStore(app.variables)]]),
  bind: (interfaces) => interfaces,
};
