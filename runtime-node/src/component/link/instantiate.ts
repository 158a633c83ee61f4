// Executes the steps of a plan in a store: makes the core instances, in order, each with what came before it.
import type { CoreRef, InstantiateStep } from '../plan.ts';
import type { Store } from './store.ts';

/** A step with its imports as lists, which are quicker to walk than objects. */
export interface CompiledStep {
  readonly module: WebAssembly.Module;
  readonly imports: readonly (readonly [module: string, fields: readonly (readonly [name: string, ref: CoreRef])[]])[];
}

export function compileSteps(
  steps: readonly InstantiateStep[],
  modules: readonly WebAssembly.Module[],
): readonly CompiledStep[] {
  return steps.map(({ module, imports }) => ({
    module: modules[module] as WebAssembly.Module,
    imports: Object.entries(imports).map(([name, fields]) => [name, Object.entries(fields)] as const),
  }));
}

export function instantiateSteps(store: Store, steps: readonly CompiledStep[]): void {
  for (const { module, imports } of steps) {
    const values: WebAssembly.Imports = {};
    for (const [name, fields] of imports) {
      const group: Record<string, WebAssembly.ImportValue> = {};
      for (const [field, ref] of fields) {
        group[field] = definition(store, ref);
      }
      values[name] = group;
    }
    store.core.push(new WebAssembly.Instance(module, values).exports);
  }
}

function definition(store: Store, ref: CoreRef): WebAssembly.ImportValue {
  const value = store.resolve(ref);
  if (value === undefined) {
    throw new Error(`the plan refers to a core definition that is not there: ${JSON.stringify(ref)}`);
  }
  return value;
}
