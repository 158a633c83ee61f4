// Which trampolines may suspend their caller. Core code can only leave its component instance through the trampolines
// made for that instance, so an instance may wait when one of those may: a fixed point over the calls between them.
import type { ResourceIdentity } from '../abi/resource-identity.ts';
import type { ComponentPlan, Lift, Trampoline } from '../plan.ts';

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

  const liftWaits = (lift: Lift | undefined): boolean =>
    lift !== undefined && (lift.callback !== undefined || instances[lift.instance] === true);

  const mayWait = (trampoline: Trampoline): boolean => {
    switch (trampoline.kind) {
      case 'lower':
        if (trampoline.async === true) {
          return false;
        }
        return trampoline.target.from === 'import'
          ? importWaits(trampoline.target.import)
          : liftWaits(plan.lifts[trampoline.target.lift]);
      case 'resource.drop': {
        const resource = resources[trampoline.resource];
        return resource?.origin === 'guest' && resource.destructor !== null && instances[resource.instance] === true;
      }
      case 'waitable-set.wait':
      case 'thread.yield':
      case 'subtask.cancel':
        return true;
      case 'stream.read':
      case 'stream.write':
      case 'future.read':
      case 'future.write':
        return trampoline.sync === true;
      default:
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
