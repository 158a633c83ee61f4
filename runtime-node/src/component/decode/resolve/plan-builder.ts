// The plan as it grows while a component is elaborated. Everything that ends up in it is paid for here, by the size
// it will have, so that no binary can make a plan that does not fit in memory.
import type {
  ComponentPlan,
  CoreRef,
  FuncTarget,
  ImportedFunc,
  InstantiateStep,
  Lift,
  PlanExport,
  ResourceType,
  Trampoline,
} from '../../plan.ts';
import { Budget } from '../binary/budget.ts';
import { readCoreModule, type CoreModule } from '../binary/core-module.ts';
import { malformed, tooLarge } from '../binary/error.ts';
import { MAX_ENTRIES, MAX_INSTANCES, MAX_STEPS } from '../binary/limits.ts';
import type { ModuleRange } from '../binary/syntax.ts';
import type { FuncItem } from './definitions.ts';
import { stepsOf, TypeTable } from './type-table.ts';

export class PlanBuilder {
  readonly #bytes: Uint8Array;
  readonly #modules: readonly ModuleRange[];
  readonly #steps = new Budget('steps to put it together', MAX_STEPS);
  readonly table = new TypeTable(this.#steps);
  readonly #moduleEntries = new Budget('core imports and exports', MAX_ENTRIES);
  readonly #coreModules = new Map<number, CoreModule>();
  /** By interface, then by type and name. */
  readonly #importIndices = new Map<string, Map<string, number>>();
  readonly #resources: ResourceType[] = [];
  readonly #imports: ImportedFunc[] = [];
  readonly #importedInterfaces: string[] = [];
  readonly #trampolines: Trampoline[] = [];
  readonly #lifts: Lift[] = [];
  readonly #instantiations: InstantiateStep[] = [];
  #instanceCount = 0;

  constructor(bytes: Uint8Array, modules: readonly ModuleRange[]) {
    this.#bytes = bytes;
    this.#modules = modules;
  }

  finish(exports: Readonly<Record<string, PlanExport>>): ComponentPlan {
    return {
      types: this.table.types,
      funcTypes: this.table.funcTypes,
      resources: this.#resources,
      modules: this.#modules,
      instanceCount: this.#instanceCount,
      imports: this.#imports,
      importedInterfaces: this.#importedInterfaces,
      trampolines: this.#trampolines,
      lifts: this.#lifts,
      steps: this.#instantiations,
      exports,
    };
  }

  step(offset: number): void {
    this.#steps.spend(1, offset);
  }

  /** Pays for a name that is about to be written into the plan. */
  spendName(name: string, offset: number): void {
    this.#steps.spend(stepsOf(name), offset);
  }

  spendRef(ref: CoreRef | null, offset: number): void {
    if (ref?.from === 'instance') {
      this.spendName(ref.name, offset);
    }
  }

  addInstance(offset: number): number {
    if (this.#instanceCount === MAX_INSTANCES) {
      throw tooLarge('component instances', MAX_INSTANCES, offset);
    }
    this.#instanceCount += 1;
    return this.#instanceCount - 1;
  }

  importInterface(name: string): void {
    this.#importedInterfaces.push(name);
  }

  addResource(resource: ResourceType, offset: number): number {
    this.spendName(resource.name, offset);
    if (resource.origin === 'import') {
      this.spendName(resource.interface, offset);
    } else {
      this.spendRef(resource.destructor, offset);
    }
    return this.#resources.push(resource) - 1;
  }

  resource(index: number): ResourceType | undefined {
    return this.#resources[index];
  }

  /** The first name under which a guest's resource is exported is what messages call it. */
  nameResource(index: number, name: string, offset: number): void {
    const resource = this.#resources[index];
    if (resource?.origin === 'guest' && resource.name === '') {
      this.spendName(name, offset);
      this.#resources[index] = { ...resource, name };
    }
  }

  addTrampoline(trampoline: Trampoline, offset: number): CoreRef {
    this.step(offset);
    return { from: 'trampoline', trampoline: this.#trampolines.push(trampoline) - 1 };
  }

  addLift(lift: Lift, offset: number): number {
    this.spendRef(lift.core, offset);
    return this.#lifts.push(lift) - 1;
  }

  /** Makes core instance number N of the plan. */
  addInstantiation(step: InstantiateStep, offset: number): number {
    if (this.#instantiations.length === MAX_INSTANCES) {
      throw tooLarge('core instances', MAX_INSTANCES, offset);
    }
    return this.#instantiations.push(step) - 1;
  }

  /** Where calls of a function go; a function of the host is imported from here on. */
  target(func: FuncItem, offset: number): FuncTarget {
    const { source, type } = func;
    if (source.from === 'lift') {
      return source;
    }
    const indices = this.#importIndices.get(source.interface) ?? new Map<string, number>();
    this.#importIndices.set(source.interface, indices);
    const key = `${type} ${source.name}`;
    let index = indices.get(key);
    if (index === undefined) {
      this.spendName(source.interface, offset);
      this.spendName(source.name, offset);
      index = this.#imports.push({ interface: source.interface, name: source.name, type }) - 1;
      indices.set(key, index);
    }
    return { from: 'import', import: index };
  }

  coreModule(index: number, offset: number): CoreModule {
    const known = this.#coreModules.get(index);
    if (known !== undefined) {
      return known;
    }
    const range = this.#modules[index];
    if (range === undefined) {
      throw malformed(`there is no core module ${index}`, offset);
    }
    const module = readCoreModule(this.#bytes, range, this.#moduleEntries);
    this.#coreModules.set(index, module);
    return module;
  }
}
