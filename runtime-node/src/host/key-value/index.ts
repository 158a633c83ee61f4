// Key-value stores (spin-contract.md §4.2) by Spin's interfaces of both generations and by wasi:keyvalue.
import { plain, waiting, type HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { parseKeyValueConfig, type KeyValueConfig } from './config.ts';
import { keyValueV2, keyValueV3, type Declare } from './host.ts';
import { keyValueV1 } from './legacy.ts';
import { KeyValueStores } from './stores.ts';
import { wasiAtomics, wasiBatch, wasiStore } from './wasi.ts';

export { setInitialKeyValues } from './initial-values.ts';
export { KeyValueStores } from './stores.ts';

const interfaces = (stores: KeyValueStores, declare: Declare): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map([
    ['spin:key-value/key-value@3.0.0', keyValueV3(stores, declare)],
    ['fermyon:spin/key-value@2.0.0', keyValueV2(stores, declare)],
    ['fermyon:spin/key-value', keyValueV1(stores, declare)],
    ['wasi:keyvalue/store@0.2.0-draft2', wasiStore(stores, declare)],
    ['wasi:keyvalue/batch@0.2.0-draft2', wasiBatch(declare)],
    ['wasi:keyvalue/atomics@0.2.0-draft2', wasiAtomics(declare)],
  ]);

export const keyValue: HostCapability<KeyValueConfig, KeyValueStores> = {
  id: 'key-value',
  interfaces: [
    'spin:key-value/key-value@3.0.0',
    'fermyon:spin/key-value@2.0.0',
    'fermyon:spin/key-value',
    'wasi:keyvalue/store@0.2.0-draft2',
    'wasi:keyvalue/batch@0.2.0-draft2',
    'wasi:keyvalue/atomics@0.2.0-draft2',
  ],
  configKeys: ['key_value_store'],
  parse: parseKeyValueConfig,
  async open(config, app) {
    const stores = new KeyValueStores(config, app);
    try {
      await stores.openFor(app.components);
      return stores;
    } catch (error) {
      await stores.close();
      throw error;
    }
  },
  bind: (stores, component) => interfaces(stores, stores.synchronousFor(component) ? plain : waiting),
  close: (stores) => stores.close(),
};
