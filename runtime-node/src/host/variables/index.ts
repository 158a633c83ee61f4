// Application variables for guests written with a Spin SDK (spin-contract.md §1.10, §4.4).
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { configV1, variablesV2 } from './host.ts';

export { openProviders } from './providers/index.ts';

type Interfaces = ReadonlyMap<string, HostInterface<Guest>>;

export const variables: HostCapability<undefined, Interfaces> = {
  id: 'variables',
  interfaces: ['fermyon:spin/variables@2.0.0', 'spin:variables/variables@3.0.0', 'fermyon:spin/config'],
  configKeys: [],
  parse: () => undefined,
  open: async (_config, app) =>
    new Map([
      ['fermyon:spin/variables@2.0.0', variablesV2(app.variables)],
      ['spin:variables/variables@3.0.0', variablesV2(app.variables)],
      ['fermyon:spin/config', configV1(app.variables)],
    ]),
  bind: (interfaces) => interfaces,
};
