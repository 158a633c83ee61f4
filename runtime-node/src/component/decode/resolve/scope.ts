// The index spaces of one component being instantiated, or of one instance type being read. A scope sees those around
// it only through outer aliases, and of those only what stood before it.
import { malformed } from '../binary/error.ts';
import type { CoreSort } from '../binary/syntax.ts';
import type {
  Closure,
  ComponentItem,
  CoreInstanceItem,
  CoreItem,
  FuncItem,
  InstanceItem,
  Item,
  ModuleItem,
  OuterScope,
  TypeItem,
} from './definitions.ts';

export class Scope implements OuterScope {
  readonly outer: Closure | null;
  readonly core: Readonly<Record<CoreSort, CoreItem[]>> = { func: [], table: [], memory: [], global: [], tag: [] };
  readonly coreInstances: CoreInstanceItem[] = [];
  readonly modules: ModuleItem[] = [];
  readonly funcs: FuncItem[] = [];
  readonly types: TypeItem[] = [];
  readonly components: ComponentItem[] = [];
  readonly instances: InstanceItem[] = [];
  /** Core types are counted only: nothing that can be instantiated uses them. */
  coreTypes = 0;

  constructor(outer: Closure | null) {
    this.outer = outer;
  }

  /** This scope as a definition that stands here and now sees it. */
  close(): Closure {
    return {
      scope: this,
      coreTypes: this.coreTypes,
      types: this.types.length,
      modules: this.modules.length,
      components: this.components.length,
    };
  }

  /** The scope `count` levels out; 0 is this one. */
  outward(count: number, offset: number): Closure {
    let closure: Closure | null = this.close();
    for (let level = 0; level < count && closure !== null; level += 1) {
      closure = closure.scope.outer;
    }
    if (closure === null) {
      throw malformed(`an alias reaches ${count} scopes out, where there is none`, offset);
    }
    return closure;
  }

  add(item: Item): void {
    switch (item.sort) {
      case 'func':
        this.funcs.push(item);
        break;
      case 'type':
        this.types.push(item.type);
        break;
      case 'instance':
        this.instances.push(item);
        break;
      case 'component':
        this.components.push(item);
        break;
      case 'module':
        this.modules.push(item);
        break;
    }
  }
}

/** An entry of an index space. `length` when not all of the space may be seen. */
export function at<Entry>(
  space: readonly Entry[],
  index: number,
  what: string,
  offset: number,
  length = space.length,
): Entry {
  const entry = index < length ? space[index] : undefined;
  if (entry === undefined) {
    throw malformed(`there is no ${what} ${index} (only ${length} are defined here)`, offset);
  }
  return entry;
}
