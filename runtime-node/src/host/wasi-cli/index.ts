// wasi:cli 0.2 (spin-contract.md §4.11). Output goes to the component's log; what becomes of it there is not ours.
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { ComponentContext, Guest } from '../guest.ts';
import { environment, exit, output, stdin, terminals } from './host.ts';

export { GuestExit } from './exit.ts';

const versioned = (name: string): string => `wasi:cli/${name}@0.2.12`;

const interfacesFor = (component: ComponentContext): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map(
    [
      ['environment', environment(component)] as const,
      ['exit', exit] as const,
      ['stdin', stdin] as const,
      ['stdout', output('stdout')] as const,
      ['stderr', output('stderr')] as const,
      ...terminals,
    ].map(([name, functions]) => [versioned(name), functions]),
  );

export const wasiCli: HostCapability<undefined, object> = {
  id: 'wasi-cli',
  interfaces: ['environment', 'exit', 'stdin', 'stdout', 'stderr', ...terminals.keys()].map(versioned),
  configKeys: [],
  parse: () => undefined,
  open: async () => ({}),
  bind: (_state, component) => interfacesFor(component),
};
