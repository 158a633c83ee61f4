// wasi:cli 0.2 and 0.3 (spin-contract.md §4.11). Output goes to the component's log; what becomes of it there is not ours.
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { ComponentContext, Guest } from '../guest.ts';
import { asyncOutput, asyncStdin, environment, exit, output, stdin, terminals } from './host.ts';

export { GuestExit } from './exit.ts';

const RELEASES = ['0.2.12', '0.3.0'];

/** What is the same in 0.2 and in 0.3. */
const shared = (component: ComponentContext): (readonly [string, HostInterface<Guest>])[] => [
  ['environment', environment(component)],
  ['exit', exit],
  ...terminals,
];

const OF_0_2: ReadonlyMap<string, HostInterface<Guest>> = new Map([
  ['stdin', stdin],
  ['stdout', output('stdout')],
  ['stderr', output('stderr')],
]);

const OF_0_3: ReadonlyMap<string, HostInterface<Guest>> = new Map<string, HostInterface<Guest>>([
  ['stdin', asyncStdin],
  ['stdout', asyncOutput('stdout')],
  ['stderr', asyncOutput('stderr')],
  ['types', { repeatable: true, resources: {}, functions: {} }],
]);

function interfacesFor(component: ComponentContext): ReadonlyMap<string, HostInterface<Guest>> {
  const same = shared(component);
  return new Map(
    RELEASES.flatMap((version) =>
      [...same, ...(version === '0.3.0' ? OF_0_3 : OF_0_2)].map(
        ([name, functions]) => [`wasi:cli/${name}@${version}`, functions] as const,
      ),
    ),
  );
}

const SHARED = ['environment', 'exit', ...terminals.keys()];

export const wasiCli: HostCapability<undefined, object> = {
  id: 'wasi-cli',
  interfaces: [
    ...[...SHARED, ...OF_0_2.keys()].map((name) => `wasi:cli/${name}@0.2.12`),
    ...[...SHARED, ...OF_0_3.keys()].map((name) => `wasi:cli/${name}@0.3.0`),
  ],
  configKeys: [],
  parse: () => undefined,
  open: async () => ({}),
  bind: (_state, component) => interfacesFor(component),
};
