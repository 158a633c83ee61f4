// Moves the dependencies of triggers (HTTP middleware) to the components that they go round, since a component is what
// gets composed. Triggers that share a component but not its dependencies get a copy each (spin-contract.md §1.6).
import type { LockedComponent, LockedTrigger } from '../locked-app/types.ts';

export interface Assigned {
  readonly triggers: LockedTrigger[];
  readonly components: LockedComponent[];
}

export function assignTriggerDependencies(
  triggers: readonly LockedTrigger[],
  components: readonly LockedComponent[],
): Assigned {
  const assigned = new Map(components.map((component) => [component.id, component]));
  const users = (id: string): number => triggers.filter((trigger) => componentOf(trigger) === id).length;
  const moved = triggers.map((trigger): LockedTrigger => {
    const id = componentOf(trigger);
    const component = id === undefined ? undefined : assigned.get(id);
    const { trigger_dependencies: dependencies, ...rest } = trigger;
    if (component === undefined || dependencies === undefined || !hasAny(dependencies)) {
      return trigger;
    }
    const ownId = users(component.id) > 1 ? copyId(component.id, trigger.id, assigned) : component.id;
    assigned.set(ownId, {
      ...component,
      id: ownId,
      metadata: { ...component.metadata, 'resolve-trigger-dependencies-using': trigger.trigger_type },
      trigger_dependencies: dependencies,
      host_requirements: { ...component.host_requirements, middleware: 'required' },
    });
    return { ...rest, trigger_config: { ...trigger.trigger_config, component: ownId } };
  });
  return { triggers: moved, components: [...assigned.values()] };
}

function componentOf({ trigger_config: config }: LockedTrigger): string | undefined {
  return typeof config['component'] === 'string' ? config['component'] : undefined;
}

function hasAny(dependencies: Readonly<Record<string, readonly unknown[]>>): boolean {
  return Object.values(dependencies).some((list) => list.length > 0);
}

function copyId(componentId: string, triggerId: string, taken: ReadonlyMap<string, unknown>): string {
  const id = `${componentId}-for-${triggerId}`;
  let free = id;
  for (let number = 1; taken.has(free); number += 1) {
    free = `${id}-d${number}`;
  }
  return free;
}
