// Everything about a linked component that no instance owns: resolved imports, compiled lifts and trampolines.
import { TypeCompiler } from '../abi/compile.ts';
import { compileFunction, type FunctionAbi, type Needs } from '../abi/function.ts';
import { InvalidComponent } from '../abi/invalid-component.ts';
import type { ResourceIdentity } from '../abi/resource-identity.ts';
import type { CanonicalOptions, ComponentPlan, FuncTarget, FuncType, ImportedFunc, Lift, Trampoline } from '../plan.ts';
import { lowerGuestFunction } from './guest-call.ts';
import { lowerHostFunction } from './host-call.ts';
import type { LiftedFunction } from './lift.ts';
import { OptionSets } from './option-sets.ts';
import type { ResolvedFunction, ResolvedImports } from './resolve.ts';
import { resourceDrop, resourceNew, resourceRep } from './resource-builtins.ts';
import { TypeComparison } from './same-type.ts';
import type { OptionSet } from './store.ts';
import type { CompiledTrampoline } from './trampoline.ts';
import { findWaits, type Waits } from './waits.ts';

export interface CompiledPlan<Guest> {
  readonly plan: ComponentPlan;
  readonly optionSets: readonly OptionSet[];
  readonly lifts: readonly LiftedFunction[];
  readonly trampolines: readonly CompiledTrampoline[];
  /** By index of the plan's import; only those that can be called. */
  readonly imports: ReadonlyMap<number, ResolvedFunction<Guest>>;
}

export function compilePlan<Guest>(plan: ComponentPlan, resolved: ResolvedImports<Guest>): CompiledPlan<Guest> {
  const compiler = new PlanCompiler(plan, resolved as ResolvedImports<never>);
  const lifts = plan.lifts.map((lift) => compiler.lift(lift));
  const trampolines = plan.trampolines.map((trampoline, index) => compiler.trampoline(trampoline, index, lifts));
  return { plan, optionSets: compiler.optionSets.sets, lifts, trampolines, imports: resolved.functions };
}

class PlanCompiler {
  readonly optionSets = new OptionSets();
  readonly #plan: ComponentPlan;
  readonly #resolved: ResolvedImports<never>;
  readonly #types: TypeCompiler;
  readonly #comparison: TypeComparison;
  readonly #waits: Waits;
  readonly #functions = new Map<number, FunctionAbi>();

  constructor(plan: ComponentPlan, resolved: ResolvedImports<never>) {
    this.#plan = plan;
    this.#resolved = resolved;
    this.#types = new TypeCompiler(plan.types, resolved.resources);
    this.#comparison = new TypeComparison(plan, resolved.resources);
    this.#waits = findWaits(plan, resolved.resources, (index) => resolved.functions.get(index)?.host.waits === true);
  }

  lift({ core, type, options, instance }: Lift): LiftedFunction {
    const abi = this.#function(type);
    this.#require(abi.callee, options, 'lifts');
    return {
      abi,
      core,
      postReturn: options.postReturn,
      instance,
      options: this.optionSets.slot(instance, options),
      waits: this.#waits.instances[instance] === true,
    };
  }

  trampoline(trampoline: Trampoline, index: number, lifts: readonly LiftedFunction[]): CompiledTrampoline {
    const { instance } = trampoline;
    switch (trampoline.kind) {
      case 'lower':
        return this.#lower(trampoline.target, trampoline.type, trampoline.options, instance, lifts);
      case 'resource.new':
        return resourceNew(this.#resource(trampoline.resource), instance);
      case 'resource.rep':
        return resourceRep(this.#resource(trampoline.resource), instance);
      case 'resource.drop':
        return resourceDrop(this.#resource(trampoline.resource), instance, this.#waits.trampolines[index] === true);
    }
  }

  #lower(
    target: FuncTarget,
    type: number,
    options: CanonicalOptions,
    instance: number,
    lifts: readonly LiftedFunction[],
  ): CompiledTrampoline {
    const abi = this.#function(type);
    this.#require(abi.caller, options, 'lowers');
    const common = { abi, instance, options: this.optionSets.slot(instance, options) };
    if (target.from === 'import') {
      const imported = at(this.#plan.imports, target.import, 'import');
      const resolved = this.#resolved.functions.get(target.import) as ResolvedFunction<never>;
      this.#requireSameType(type, imported.type, functionName(imported));
      return lowerHostFunction({ ...common, ...resolved, name: functionName(imported) });
    }
    const name = `function ${target.lift} of another component instance`;
    this.#requireSameType(type, at(this.#plan.lifts, target.lift, 'lifted function').type, name);
    return lowerGuestFunction({ ...common, name, callee: at(lifts, target.lift, 'lifted function') });
  }

  #function(type: number): FunctionAbi {
    let abi = this.#functions.get(type);
    if (abi === undefined) {
      abi = compileFunction(this.#types, this.#functionType(type));
      this.#functions.set(type, abi);
    }
    return abi;
  }

  #functionType(type: number): FuncType {
    return at(this.#plan.funcTypes, type, 'function type');
  }

  #resource(index: number): ResourceIdentity {
    return at(this.#resolved.resources, index, 'resource type');
  }

  #require(needs: Needs, options: CanonicalOptions, verb: 'lifts' | 'lowers'): void {
    if (needs.memory && options.memory === null) {
      throw new InvalidComponent(`it ${verb} a function that passes values through memory without naming a memory`);
    }
    if (needs.realloc && options.realloc === null) {
      throw new InvalidComponent(
        `it ${verb} a function that makes the host allocate memory without naming a realloc function`,
      );
    }
  }

  #requireSameType(a: number, b: number, name: string): void {
    if (a !== b && !this.#comparison.sameFunction(this.#functionType(a), this.#functionType(b))) {
      throw new InvalidComponent(`it lowers ${name} with another type than it has`);
    }
  }
}

export const functionName = ({ interface: interfaceName, name }: ImportedFunc): string =>
  interfaceName === '' ? name : `${interfaceName}#${name}`;

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index];
  if (found === undefined) {
    throw new InvalidComponent(`there is no ${what} ${index}`);
  }
  return found;
}
