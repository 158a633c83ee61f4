// Components that a trigger puts round its own (HTTP middleware, spin-contract.md §1.6): each has the one within as the
// `wasi:http/handler` that it imports, and is one itself. The result runs as the component: what middleware reaches of the
// host, it reaches under the component's grants.
import type { compose } from '../../component/compose/index.ts';
import { UserError, type LockedComponent, type LockedDependency, type LockedTrigger } from '@spindle/api';

/** What a piece imports and exports. */
const HANDLER = 'wasi:http/handler@0.3.0';

const ROLE = 'middleware';

/** Outermost first. */
export function middlewareOf({
  trigger_dependencies: dependencies = {},
}: LockedComponent): readonly LockedDependency[] {
  return (dependencies[ROLE] ?? []) as readonly LockedDependency[];
}

/** Throws for what cannot be put round: to serve it without would leave out what may be its access control. */
export function refuseOtherRoles(triggers: readonly LockedTrigger[], components: readonly LockedComponent[]): void {
  for (const { id, trigger_dependencies: dependencies = {} } of triggers) {
    // Those of a trigger with a component are the component's.
    refuse('trigger', id, rolesOf(dependencies));
  }
  for (const { id, trigger_dependencies: dependencies = {} } of components) {
    refuse(
      'component',
      id,
      rolesOf(dependencies).filter((role) => role !== ROLE),
    );
  }
}

const rolesOf = (dependencies: Readonly<Record<string, readonly unknown[]>>): string[] =>
  Object.keys(dependencies).filter((role) => dependencies[role]?.length !== 0);

function refuse(kind: 'trigger' | 'component', id: string, roles: readonly string[]): void {
  if (roles.length > 0) {
    throw new UserError(
      `${kind} '${id}' runs inside other components (${roles.join(', ')}), which only HTTP triggers with a component can, as \`${ROLE}\``,
      {
        code: 'SPK4014',
        field: `${kind}.${id}.trigger_dependencies`,
        remedy: 'Remove its `dependencies` from the trigger, or give it a component.',
      },
    );
  }
}

type Compose = typeof compose;

/** `outer` round `inner`; `deny`: what of the host `outer` does not get. */
export function putRound(
  composer: Compose,
  outer: Uint8Array,
  inner: Uint8Array,
  deny: (importName: string) => boolean,
): Uint8Array {
  const within = { name: 'what the middleware goes round', bytes: inner, deny: () => false };
  return composer(outer, [within], [{ import: HANDLER, dependency: 0, export: HANDLER }], deny);
}
