// wasi:cli 0.2 and 0.3 (spin-contract.md §4.11). Output goes to the component's log; what becomes of it there is not ours.
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { ComponentContext, Guest } from '../guest.ts';
import { asyncOutput, asyncStdin, environment, exit, output, stdin, terminals } from './host.ts';

export { GuestExit } from './exit.ts';

type Interfaces = readonly (readonly [name: string, hostInterface: HostInterface<Guest>])[];

const OF_0_2: Interfaces = [
  ['stdin', stdin],
  ['stdout', output('stdout')],
  ['stderr', output('stderr')],
];

const OF_0_3: Interfaces = [
  ['stdin', asyncStdin],
  ['stdout', asyncOutput('stdout')],
  ['stderr', asyncOutput('stderr')],
  ['types', { repeatable: true, resources: {}, functions: {} }],
];

const versioned = (version: string, component: ComponentContext, own: Interfaces): Interfaces =>
  (
    [
      ['environment', environment(component, version === NEWEST_0_2 ? 'initial-cwd' : 'get-initial-cwd')],
      ['exit', exit],
      ...own,
      ...terminals,
    ] as const
  ).map(([name, hostInterface]) => [`wasi:cli/${name}@${version}`, hostInterface]);

const NEWEST_0_2 = '0.2.12';
const NEWEST_0_3 = '0.3.0';

const interfacesFor = (component: ComponentContext): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map([...versioned(NEWEST_0_2, component, OF_0_2), ...versioned(NEWEST_0_3, component, OF_0_3)]);

const namesOf = (version: string, own: Interfaces): readonly string[] =>
  ['environment', 'exit', ...own.map(([name]) => name), ...terminals.keys()].map(
    (name) => `wasi:cli/${name}@${version}`,
  );

export const wasiCli: HostCapability<undefined, object> = {
  id: 'wasi-cli',
  interfaces: [...namesOf(NEWEST_0_2, OF_0_2), ...namesOf(NEWEST_0_3, OF_0_3)],
  configKeys: [],
  parse: () => undefined,
  open: async () => ({}),
  bind: (_state, component) => interfacesFor(component),
};
