// Everything about a linked component that no instance owns: resolved imports, compiled lifts and trampolines.
import { TypeCompiler } from '../abi/compile.ts';
import {
  compileAsyncLower,
  compileFunction,
  compileTaskReturn,
  type AsyncLowerAbi,
  type FunctionAbi,
  type Needs,
} from '../abi/function.ts';
import { InvalidComponent } from '../abi/invalid-component.ts';
import type { ResourceIdentity } from '../abi/resource-identity.ts';
import type {
  AsyncBuiltin,
  CanonicalOptions,
  ComponentPlan,
  FuncType,
  ImportedFunc,
  Lift,
  Trampoline,
} from '../plan.ts';
import {
  contextGet,
  contextSet,
  simpleBuiltin,
  subtaskCancel,
  taskReturn,
  threadYield,
  waitableSetWait,
} from './async-builtins.ts';
import { lowerAsyncGuestFunction } from './async-guest-call.ts';
import { lowerAsyncHostFunction } from './async-host-call.ts';
import { channelBuiltin, channelCancel, channelCopy } from './channel-builtins.ts';
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

type Lower = Extract<Trampoline, { kind: 'lower' }>;

class PlanCompiler {
  readonly optionSets = new OptionSets();
  readonly #plan: ComponentPlan;
  readonly #resolved: ResolvedImports<never>;
  readonly #types: TypeCompiler;
  readonly #comparison: TypeComparison;
  readonly #waits: Waits;
  readonly #functions = new Map<number, FunctionAbi>();
  readonly #asyncLowers = new Map<number, AsyncLowerAbi>();

  constructor(plan: ComponentPlan, resolved: ResolvedImports<never>) {
    this.#plan = plan;
    this.#resolved = resolved;
    this.#types = new TypeCompiler(plan.types, resolved.resources);
    this.#comparison = new TypeComparison(plan, resolved.resources);
    this.#waits = findWaits(plan, resolved.resources, (index) => resolved.functions.get(index)?.host.waits === true);
  }

  lift({ core, type, options, instance, callback }: Lift): LiftedFunction {
    const abi = this.#function(type);
    // The result of an asynchronous one comes with the options of `task.return`.
    this.#require(callback === undefined ? abi.callee : abi.taskParams, options, 'lifts');
    return {
      abi,
      core,
      postReturn: options.postReturn,
      instance,
      options: this.optionSets.slot(instance, options),
      waits: this.#waits.instances[instance] === true,
      callback,
      resultKey: this.#types.key(this.#functionType(type).result),
    };
  }

  trampoline(trampoline: Trampoline, index: number, lifts: readonly LiftedFunction[]): CompiledTrampoline {
    const { instance } = trampoline;
    switch (trampoline.kind) {
      case 'lower':
        return this.#lower(trampoline, lifts);
      case 'resource.new':
        return resourceNew(this.#resource(trampoline.resource), instance);
      case 'resource.rep':
        return resourceRep(this.#resource(trampoline.resource), instance);
      case 'resource.drop':
        return resourceDrop(this.#resource(trampoline.resource), instance, this.#waits.trampolines[index] === true);
      default:
        return this.#asyncBuiltin(trampoline);
    }
  }

  #asyncBuiltin(builtin: AsyncBuiltin & { readonly instance: number }): CompiledTrampoline {
    const { kind, instance } = builtin;
    switch (kind) {
      case 'task.return': {
        const abi = compileTaskReturn(this.#types, builtin.result);
        this.#require(abi.caller, builtin.options, 'lowers');
        const options = this.optionSets.slot(instance, builtin.options);
        return taskReturn(instance, options, abi, this.#types.key(builtin.result));
      }
      case 'context.get':
        return contextGet(instance, builtin.slot);
      case 'context.set':
        return contextSet(instance, builtin.slot);
      case 'thread.yield':
        return threadYield(instance, builtin.cancellable);
      case 'waitable-set.wait':
      case 'waitable-set.poll': {
        const { cancellable, memory } = builtin;
        const options = this.optionSets.slot(instance, { encoding: 'utf8', memory, realloc: null, postReturn: null });
        return waitableSetWait(instance, options, { poll: kind === 'waitable-set.poll', cancellable });
      }
      case 'subtask.cancel':
        return subtaskCancel(instance, builtin.async);
      case 'stream.read':
      case 'stream.write':
      case 'future.read':
      case 'future.write': {
        const options = this.optionSets.slot(instance, builtin.options);
        return channelCopy(kind, instance, this.#types.channel(builtin.type), { options, sync: builtin.sync === true });
      }
      case 'stream.cancel-read':
      case 'stream.cancel-write':
      case 'future.cancel-read':
      case 'future.cancel-write':
        return channelCancel(kind, instance, this.#types.channel(builtin.type));
      case 'stream.new':
      case 'stream.drop-readable':
      case 'stream.drop-writable':
      case 'future.new':
      case 'future.drop-readable':
      case 'future.drop-writable':
        return channelBuiltin(kind, instance, this.#types.channel(builtin.type));
      default:
        return simpleBuiltin(kind, instance);
    }
  }

  #lower(lower: Lower, lifts: readonly LiftedFunction[]): CompiledTrampoline {
    const { target, type, instance } = lower;
    const options = this.optionSets.slot(instance, lower.options);
    if (target.from === 'import') {
      const imported = at(this.#plan.imports, target.import, 'import');
      const resolved = this.#resolved.functions.get(target.import) as ResolvedFunction<never>;
      const call = { ...resolved, name: functionName(imported), instance, options };
      this.#requireSameType(type, imported.type, call.name);
      return lower.async === true
        ? lowerAsyncHostFunction({ ...call, abi: this.#asyncLower(lower) })
        : lowerHostFunction({ ...call, abi: this.#syncLower(lower) });
    }
    const name = `function ${target.lift} of another component instance`;
    this.#requireSameType(type, at(this.#plan.lifts, target.lift, 'lifted function').type, name);
    const call = { name, callee: at(lifts, target.lift, 'lifted function'), instance, options };
    return lower.async === true
      ? lowerAsyncGuestFunction({ ...call, abi: this.#asyncLower(lower) })
      : lowerGuestFunction({ ...call, abi: this.#syncLower(lower) });
  }

  #syncLower({ type, options }: Lower): FunctionAbi {
    const abi = this.#function(type);
    this.#require(abi.caller, options, 'lowers');
    return abi;
  }

  #asyncLower({ type, options }: Lower): AsyncLowerAbi {
    const abi = this.#asyncLowers.get(type) ?? compileAsyncLower(this.#types, this.#functionType(type));
    this.#asyncLowers.set(type, abi);
    this.#require(abi.caller, options, 'lowers');
    return abi;
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
