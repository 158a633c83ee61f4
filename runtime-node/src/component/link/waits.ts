// Which trampolines may suspend their caller. Core code can only leave its component instance through the trampolines
// made for that instance, so an instance may wait when one of those may: a fixed point over the calls between them.
import type { ResourceIdentity } from '../abi/resource-identity.ts';
import type { ComponentPlan, Trampoline } from '../plan.ts';

export interface Waits {
  /** By index of the trampoline. */
  readonly trampolines: readonly boolean[];
  /** By index of the component instance. */
  readonly instances: readonly boolean[];
}

export function findWaits(
  plan: ComponentPlan,
  resources: readonly ResourceIdentity[],
  importWaits: (index: number) => boolean,
): Waits {
  const instances = Array.from({ length: plan.instanceCount }, () => false);

  const mayWait = (trampoline: Trampoline): boolean => {
    switch (trampoline.kind) {
      case 'lower':
        return trampoline.target.from === 'import'
          ? importWaits(trampoline.target.import)
          : instances[plan.lifts[trampoline.target.lift]?.instance ?? -1] === true;
      case 'resource.drop': {
        const resource = resources[trampoline.resource];
        return resource?.origin === 'guest' && resource.destructor !== null && instances[resource.instance] === true;
      }
      case 'resource.new':
      case 'resource.rep':
        return false;
    }
  };

  for (let changed = true; changed;) {
    changed = false;
    for (const trampoline of plan.trampolines) {
      if (instances[trampoline.instance] === false && mayWait(trampoline)) {
        instances[trampoline.instance] = true;
        changed = true;
      }
    }
  }
  return { trampolines: plan.trampolines.map(mayWait), instances };
}
