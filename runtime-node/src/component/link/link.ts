// Binds a prepared component to a host: what can be decided or compiled before there is an instance is done here once.
import { UserError } from '@spindle/api';
import { InvalidComponent } from '../abi/invalid-component.ts';
import type { GuestDefinedResource } from '../abi/resource-identity.ts';
import type { Representation } from '../abi/handles.ts';
import type {
  CallMode,
  ComponentInstance,
  InstanceCounts,
  LinkedComponent,
  PreparedComponent,
  ResetInfo,
} from '../api.ts';
import type { HostInterfaces } from '../host-interface.ts';
import { compilePlan, type CompiledPlan } from './compile.ts';
import { compileExports, type ExportedFunction, type ExportTable } from './exports.ts';
import { HostClasses } from '../abi/host-classes.ts';
import { bytesOf, fitsCap } from './guest-memory.ts';
import { LinkedInstance } from './instance.ts';
import type { ModuleFacts } from '../rewrite/index.ts';
import type { EngineOptions, GuestWatch } from './engine.ts';
import { refuseEngineNames } from './engine-names.ts';
import { compileSteps } from './instantiate.ts';
import { isAsync } from './lift.ts';
import { resolveImports } from './resolve.ts';
import { destroyGuestResource } from './resource-builtins.ts';
import type { Slot } from './slot.ts';
import { Slots } from './slots.ts';
import type { CoreFunction, Store, StoreShape } from './store.ts';
import { ThunkModule } from './thunks.ts';

interface LinkOptions {
  /** How messages name the component, e.g. its id in the app. */
  readonly name?: string;
  /** Where its source is named, e.g. `component.hello.source`. */
  readonly field?: string;
  readonly engine?: EngineOptions;
}

/** Throws UserError naming everything that the component imports and the host does not have, or what is invalid in it. */
export function linkComponent<Guest>(
  prepared: PreparedComponent,
  hostInterfaces: HostInterfaces<Guest>,
  { name, field, engine = {} }: LinkOptions = {},
): LinkedComponent<Guest> {
  const component = name === undefined ? 'the component' : `component "${name}"`;
  refuse(prepared.facts, engine, component);
  const resolved = resolveImports(prepared.plan, hostInterfaces, component);
  try {
    refuseEngineNames(prepared.plan);
    const compiled = compilePlan(prepared.plan, resolved);
    return new Linked(compiled, new HostClasses(resolved.resources), prepared, engine, { component, field });
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

/** By name, and before anything is made: what the engine does not run, and what a limit makes impossible. */
function refuse(facts: readonly ModuleFacts[], { instanceMemory }: EngineOptions, component: string): void {
  const refused = new Set(facts.flatMap((module) => module.refused));
  if (refused.size > 0) {
    throw new UserError(`${component} uses ${[...refused].join(', ')}, which Spindle does not run`, {
      code: 'SPK4017',
      remedy: 'Build the component without it.',
    });
  }
  for (const memory of facts.flatMap((module) => Object.values(module.memories))) {
    if (!fitsCap(memory, instanceMemory)) {
      throw new UserError(
        `${component} has a memory of ${bytesOf(memory)} bytes from the start, and an instance may have ${String(instanceMemory)}`,
        {
          code: 'SPK4018',
          field: '--max-instance-memory',
          remedy: 'Raise the limit, or build the component with a smaller memory.',
        },
      );
    }
  }
}

/** How messages name a component, and the field that it comes from. */
interface Place {
  readonly component: string;
  readonly field: string | undefined;
}

class Linked<Guest> implements LinkedComponent<Guest>, StoreShape {
  readonly neverWaits: boolean;
  readonly exports: ReadonlyMap<string, readonly string[]>;
  readonly instanceCount: number;
  readonly optionSets: StoreShape['optionSets'];
  readonly hostClasses: HostClasses;
  readonly thunks: ThunkModule | null;
  readonly instanceMemory: number | undefined;
  readonly watch: GuestWatch | undefined;
  readonly #compiled: CompiledPlan<Guest>;
  readonly #slots: Slots;
  readonly #place: Place;
  readonly #table: ExportTable;

  constructor(
    compiled: CompiledPlan<Guest>,
    hostClasses: HostClasses,
    prepared: PreparedComponent,
    engine: EngineOptions,
    place: Place,
  ) {
    this.#place = place;
    this.#compiled = compiled;
    this.hostClasses = hostClasses;
    this.instanceCount = compiled.plan.instanceCount;
    this.optionSets = compiled.optionSets;
    this.watch = engine.watch;
    this.instanceMemory = engine.instanceMemory;
    this.thunks = thunksOf(compiled as CompiledPlan<never>);
    this.#table = compileExports(compiled as CompiledPlan<never>);
    this.neverWaits =
      !compiled.lifts.some(isAsync) &&
      !compiled.trampolines.some(({ waits }) => waits) &&
      ![...compiled.imports.values()].some(({ host }) => host.waits);
    this.#slots = new Slots(this, compileSteps(compiled.plan.steps, prepared), engine);
    this.exports = new Map([...this.#table].map(([name, functions]) => [name, [...functions.keys()]]));
  }

  get reset(): ResetInfo {
    return this.#slots.reset;
  }

  get instances(): InstanceCounts {
    return this.#slots.counts;
  }

  warm(): void {
    try {
      this.#slots.warm();
    } catch (cause) {
      throw new UserError(
        `${this.#place.component} cannot be instantiated: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          code: 'SPK4019',
          ...(this.#place.field === undefined ? {} : { field: this.#place.field }),
          remedy: 'Mend what the component does when it starts.',
          cause,
        },
      );
    }
  }

  instantiate(guest: Guest, mode: CallMode): ComponentInstance {
    return new LinkedInstance(this.#slots.take(guest, mode), this.#find, this.#recycle);
  }

  close(): void {
    this.#slots.close();
  }

  readonly #recycle = (slot: Slot): void => this.#slots.give(slot);

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
      store.end();
      store.suspendable = store.mode === 'suspending';
    }
  }

  readonly #find = (interfaceName: string, functionName: string): ExportedFunction => {
    const found = this.#table.get(interfaceName)?.get(functionName);
    if (found === undefined) {
      throw new TypeError(`the component exports no function ${functionName} of interface "${interfaceName}"`);
    }
    return found;
  };
}

function thunksOf({ trampolines }: CompiledPlan<never>): ThunkModule | null {
  const waiting = [...trampolines.entries()].filter(([, { waits }]) => waits);
  return waiting.length === 0
    ? null
    : new ThunkModule(new Map(waiting.map(([index, { signature }]) => [index, signature])));
}
