// What the engine exports from a rewritten module is not the component's to use: with `spindle:save` a guest could keep
// its state for the next one.
import { InvalidComponent } from '../abi/invalid-component.ts';
import type { CanonicalOptions, ComponentPlan, CoreRef } from '../plan.ts';
import { EXPORTED } from '../rewrite/index.ts';

const RESERVED: ReadonlySet<string> = new Set(Object.values(EXPORTED));

/** Throws InvalidComponent for a plan that refers to such an export: the component's own module has none. */
export function refuseEngineNames(plan: ComponentPlan): void {
  for (const ref of coreRefs(plan)) {
    if (ref?.from === 'instance' && RESERVED.has(ref.name)) {
      throw new InvalidComponent(`it uses a core export named ${ref.name}, which its modules do not have`);
    }
  }
}

function* coreRefs({ steps, lifts, trampolines, resources }: ComponentPlan): Generator<CoreRef | null> {
  for (const { imports } of steps) {
    for (const fields of Object.values(imports)) {
      yield* Object.values(fields);
    }
  }
  for (const { core, callback, options } of lifts) {
    yield core;
    yield callback ?? null;
    yield* optionRefs(options);
  }
  for (const trampoline of trampolines) {
    if ('options' in trampoline) {
      yield* optionRefs(trampoline.options);
    } else if ('memory' in trampoline) {
      yield trampoline.memory;
    }
  }
  for (const resource of resources) {
    if (resource.origin === 'guest') {
      yield resource.destructor;
    }
  }
}

const optionRefs = ({ memory, realloc, postReturn }: CanonicalOptions): (CoreRef | null)[] => [
  memory,
  realloc,
  postReturn,
];
