// Binds a prepared component to a host: what can be decided or compiled before there is an instance is done here once.
import { UserError } from '@spindle/api';
import { InvalidComponent } from '../abi/invalid-component.ts';
import type { GuestDefinedResource } from '../abi/resource-identity.ts';
import type { Representation } from '../abi/handles.ts';
import type { CallMode, ComponentInstance, LinkedComponent, PreparedComponent } from '../api.ts';
import type { HostInterfaces } from '../host-interface.ts';
import { compilePlan, type CompiledPlan } from './compile.ts';
import { compileExports, type ExportedFunction, type ExportTable } from './exports.ts';
import { HostClasses } from '../abi/host-classes.ts';
import { LinkedInstance } from './instance.ts';
import { compileSteps, instantiateSteps, type CompiledStep } from './instantiate.ts';
import { resolveImports } from './resolve.ts';
import { destroyGuestResource } from './resource-builtins.ts';
import { Store, type CoreFunction, type StoreShape } from './store.ts';
import { ThunkModule } from './thunks.ts';

interface LinkOptions {
  /** How messages name the component, e.g. its id in the app. */
  readonly name?: string;
}

/** Throws UserError naming everything that the component imports and the host does not have, or what is invalid in it. */
export function linkComponent<Guest>(
  prepared: PreparedComponent,
  hostInterfaces: HostInterfaces<Guest>,
  { name }: LinkOptions = {},
): LinkedComponent<Guest> {
  const component = name === undefined ? 'the component' : `component "${name}"`;
  const resolved = resolveImports(prepared.plan, hostInterfaces, component);
  try {
    const compiled = compilePlan(prepared.plan, resolved);
    return new Linked(compiled, new HostClasses(resolved.resources), prepared.modules);
  } catch (error) {
    if (error instanceof InvalidComponent) {
      throw new UserError(`${component} is invalid: ${error.message}`, {
        code: 'SPK4012',
        remedy: 'Build the component again with current tools.',
        cause: error,
      });
    }
    throw error;
  }
}

class Linked<Guest> implements LinkedComponent<Guest>, StoreShape {
  readonly neverWaits: boolean;
  readonly exports: ReadonlyMap<string, readonly string[]>;
  readonly instanceCount: number;
  readonly optionSets: StoreShape['optionSets'];
  readonly hostClasses: HostClasses;
  readonly thunks: ThunkModule | null;
  readonly #compiled: CompiledPlan<Guest>;
  readonly #steps: readonly CompiledStep[];
  readonly #table: ExportTable;

  constructor(compiled: CompiledPlan<Guest>, hostClasses: HostClasses, modules: readonly WebAssembly.Module[]) {
    this.#compiled = compiled;
    this.hostClasses = hostClasses;
    this.instanceCount = compiled.plan.instanceCount;
    this.optionSets = compiled.optionSets;
    this.thunks = thunksOf(compiled as CompiledPlan<never>);
    this.#steps = compileSteps(compiled.plan.steps, modules);
    this.#table = compileExports(compiled as CompiledPlan<never>);
    this.neverWaits = ![...compiled.imports.values()].some(({ host }) => host.waits);
    this.exports = new Map([...this.#table].map(([name, functions]) => [name, [...functions.keys()]]));
  }

  instantiate(guest: Guest, mode: CallMode): ComponentInstance {
    const store = new Store(this, guest, mode);
    try {
      instantiateSteps(store, this.#steps);
      store.throwIfFailed();
      store.suspendable = mode === 'suspending';
    } catch (error) {
      const first = store.fail(error);
      try {
        store.dispose();
      } catch {
        // expected: what failed first is what is reported.
      }
      throw first;
    }
    return new LinkedInstance(store, (interfaceName, functionName) => this.#find(interfaceName, functionName));
  }

  bindTrampoline(store: Store, trampoline: number): CoreFunction {
    const compiled = this.#compiled.trampolines[trampoline];
    if (compiled === undefined) {
      throw new Error(`the plan has no trampoline ${trampoline}`);
    }
    return compiled.bind(store);
  }

  destroy(store: Store, resource: GuestDefinedResource, rep: Representation): void {
    if (store.closed) {
      return;
    }
    store.begin();
    // Disposal cannot be waited for, so neither can the destructor.
    store.suspendable = false;
    try {
      destroyGuestResource(store, resource, rep, undefined);
      store.throwIfFailed();
    } catch (error) {
      throw store.fail(error);
    } finally {
      store.running = false;
      store.suspendable = store.mode === 'suspending';
    }
  }

  #find(interfaceName: string, functionName: string): ExportedFunction {
    const found = this.#table.get(interfaceName)?.get(functionName);
    if (found === undefined) {
      throw new TypeError(`the component exports no function ${functionName} of interface "${interfaceName}"`);
    }
    return found;
  }
}

function thunksOf({ trampolines }: CompiledPlan<never>): ThunkModule | null {
  const waiting = [...trampolines.entries()].filter(([, { waits }]) => waits);
  return waiting.length === 0
    ? null
    : new ThunkModule(new Map(waiting.map(([index, { signature }]) => [index, signature])));
}
