// `canon resource.new`, `resource.rep` and `resource.drop`.
import type { CoreValue } from '../abi/core-types.ts';
import type { Representation } from '../abi/handles.ts';
import type { GuestDefinedResource, ResourceIdentity } from '../abi/resource-identity.ts';
import { enter } from './lift.ts';
import { disposeHostObject, type CoreFunction, type Store } from './store.ts';
import type { CompiledTrampoline } from './trampoline.ts';

export function resourceNew(resource: ResourceIdentity, instance: number): CompiledTrampoline {
  const name = `resource.new ${resource.name}`;
  return {
    name,
    waits: false,
    signature: { params: ['i32'], result: 'i32' },
    bind: (store) => guarded(store, instance, name, (rep) => store.instance(instance).handles.insertOwn(resource, rep)),
  };
}

export function resourceRep(resource: ResourceIdentity, instance: number): CompiledTrampoline {
  const name = `resource.rep ${resource.name}`;
  return {
    name,
    waits: false,
    signature: { params: ['i32'], result: 'i32' },
    bind: (store) =>
      guarded(store, instance, name, (handle) => store.instance(instance).handles.rep(Number(handle), resource)),
  };
}

/** `waits`: a destructor of the guest may call an import that waits. */
export function resourceDrop(resource: ResourceIdentity, instance: number, waits: boolean): CompiledTrampoline {
  const name = `resource.drop ${resource.name}`;
  return {
    name,
    waits,
    signature: { params: ['i32'], result: null },
    bind: (store) =>
      guarded(store, instance, name, (handle) => {
        const { own, rep } = store.instance(instance).handles.drop(Number(handle), resource);
        if (!own) {
          return undefined;
        }
        if (resource.origin === 'host') {
          return disposeHostObject(rep as object);
        }
        return waits && store.suspendable
          ? destroySuspending(store, resource, rep, instance)
          : destroyGuestResource(store, resource, rep, instance);
      }),
  };
}

/** Runs the destructor, if there is one; `from` is the component instance that drops, undefined for the embedder. */
export function destroyGuestResource(
  store: Store,
  { destructor, instance }: GuestDefinedResource,
  rep: Representation,
  from: number | undefined,
): void {
  if (destructor === null) {
    return;
  }
  const core = store.coreFunction(destructor);
  // The instance that defines a resource may drop it while it runs; for others it is a call like any other.
  const entered = instance === from ? undefined : enter(store, instance);
  core(rep as CoreValue);
  if (entered !== undefined) {
    entered.entered = false;
  }
}

async function destroySuspending(
  store: Store,
  { destructor, instance }: GuestDefinedResource,
  rep: Representation,
  from: number,
): Promise<void> {
  if (destructor === null) {
    return;
  }
  const entered = instance === from ? undefined : enter(store, instance);
  try {
    await store.promisingFunction(destructor)(rep as CoreValue);
  } catch (error) {
    throw store.fail(error);
  }
  if (entered !== undefined) {
    entered.entered = false;
  }
}

function guarded(store: Store, instance: number, name: string, run: (value: CoreValue) => unknown): CoreFunction {
  const state = store.instance(instance);
  return function callBuiltin(value: CoreValue): unknown {
    if (!state.mayLeave) {
      throw store.refusal();
    }
    try {
      return run(value);
    } catch (error) {
      throw store.fail(error, name);
    }
  } as CoreFunction;
}
