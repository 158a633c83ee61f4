// Executes the steps of a plan in a store: makes the core instances, in order, each with what came before it and with
// what the engine gives to a rewritten module (rewrite/types.ts).
import type { PreparedComponent } from '../api.ts';
import type { CoreRef, InstantiateStep } from '../plan.ts';
import { ENGINE, EXPORTED, type ModuleFacts } from '../rewrite/types.ts';
import type { EngineOptions } from './engine.ts';
import { GuestMemory } from './guest-memory.ts';
import type { Store } from './store.ts';

/** A step with its imports as lists, which are quicker to walk than objects. */
export interface CompiledStep {
  readonly module: WebAssembly.Module;
  /** Puts the data into the module's own memory. */
  readonly data: WebAssembly.Module | undefined;
  readonly facts: ModuleFacts;
  readonly imports: readonly (readonly [module: string, fields: readonly (readonly [name: string, ref: CoreRef])[]])[];
}

/** What of the instances can be put back. */
export interface ResettableParts {
  readonly memories: readonly GuestMemory[];
  /** Each keeps the globals of one core instance. */
  readonly saves: readonly (() => void)[];
  /** Each puts the globals of one core instance back. */
  readonly restores: readonly (() => void)[];
}

export function compileSteps(
  steps: readonly InstantiateStep[],
  { modules, data, facts }: Pick<PreparedComponent, 'modules' | 'data' | 'facts'>,
): readonly CompiledStep[] {
  return steps.map(({ module, imports }) => ({
    module: modules[module] as WebAssembly.Module,
    data: data.get(module),
    facts: facts[module] as ModuleFacts,
    imports: Object.entries(imports).map(([name, fields]) => [name, Object.entries(fields)] as const),
  }));
}

export function instantiateSteps(store: Store, steps: readonly CompiledStep[], engine: EngineOptions): ResettableParts {
  const memories: GuestMemory[] = [];
  const saves: (() => void)[] = [];
  const restores: (() => void)[] = [];
  /** Exports of the instance that defined a memory. */
  const definers = new Map<unknown, WebAssembly.Exports>();
  for (const { module, data, facts, imports } of steps) {
    const values: WebAssembly.Imports = {};
    for (const [name, fields] of imports) {
      const group: Record<string, WebAssembly.ImportValue> = {};
      for (const [field, ref] of fields) {
        group[field] = definition(store, ref);
      }
      values[name] = group;
    }
    const own = ownMemories(store, facts, engine);
    values[ENGINE] = engineImports(own, facts, values, definers, engine, store);
    if (data !== undefined) {
      Reflect.construct(WebAssembly.Instance, [data, values]);
    }
    const { exports } = new WebAssembly.Instance(module, values);
    store.core.push(exports);
    for (const { memory } of own.values()) {
      definers.set(memory, exports);
    }
    memories.push(...own.values());
    if (facts.savesGlobals) {
      saves.push(exports[EXPORTED.save] as () => void);
      restores.push(exports[EXPORTED.restore] as () => void);
    }
  }
  return { memories, saves, restores };
}

function ownMemories(store: Store, { memories }: ModuleFacts, engine: EngineOptions): Map<string, GuestMemory> {
  const made = new Map<string, GuestMemory>();
  for (const [index, facts] of Object.entries(memories)) {
    const memory = new GuestMemory(facts, engine.instanceMemory);
    store.memories.set(memory.memory, memory);
    made.set(`memory${index}`, memory);
  }
  return made;
}

/** What a module tells in place of its new size when it has none. */
const REFUSED = -1;

function engineImports(
  own: ReadonlyMap<string, GuestMemory>,
  { virtualMemory, importedMemory }: ModuleFacts,
  imports: WebAssembly.Imports,
  definers: ReadonlyMap<unknown, WebAssembly.Exports>,
  { interrupt }: EngineOptions,
  store: Store,
): Record<string, WebAssembly.ImportValue> {
  const values: Record<string, WebAssembly.ImportValue> = {};
  for (const [name, { memory }] of own) {
    values[name] = memory;
  }
  const [virtual] = own.values();
  if (virtualMemory && virtual !== undefined) {
    values['grown'] = (pages: number): void => {
      if (pages === REFUSED) {
        store.growthRefused = true;
        return;
      }
      virtual.grown(pages >>> 0);
      store.forgetViews();
    };
  }
  if (importedMemory !== undefined) {
    const definer = definers.get(imports[importedMemory.module]?.[importedMemory.name]);
    if (definer !== undefined) {
      values['pages'] = definer[EXPORTED.pages] as WebAssembly.Global;
      values['grow'] = definer[EXPORTED.grow] as () => unknown;
    }
  }
  if (interrupt !== undefined) {
    values['interrupt'] = interrupt.memory;
    values['interrupted'] = interrupt.interrupted;
  }
  return values;
}

function definition(store: Store, ref: CoreRef): WebAssembly.ImportValue {
  const value = store.resolve(ref);
  if (value === undefined) {
    throw new Error(`the plan refers to a core definition that is not there: ${JSON.stringify(ref)}`);
  }
  return value;
}
