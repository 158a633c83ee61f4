// What definitions come to once a component is elaborated: no local index is left in them, and every instance says
// what it exports. Core definitions are CoreRefs of the plan with their sort.
import type { CoreRef, FuncTarget, TypeRef } from '../../plan.ts';
import type { ComponentSyntax, CoreSort, Definition, Sort } from '../binary/syntax.ts';

/** The index spaces of a scope that outer aliases reach. */
export interface OuterScope {
  readonly types: readonly TypeItem[];
  readonly modules: readonly ModuleItem[];
  readonly components: readonly ComponentItem[];
  /** What this scope sees of those around it; nothing around the outermost. */
  readonly outer: Closure | null;
}

/** What a definition sees around it: a scope, and how much of each index space there was when it was defined. */
export interface Closure {
  readonly scope: OuterScope;
  readonly coreTypes: number;
  readonly types: number;
  readonly modules: number;
  readonly components: number;
}

export type TypeItem =
  | { readonly kind: 'value'; readonly ref: TypeRef }
  | { readonly kind: 'func'; readonly index: number }
  | { readonly kind: 'resource'; readonly index: number }
  | { readonly kind: 'instance'; readonly declarations: readonly Definition[]; readonly closure: Closure }
  /** Never looked into: a component's own imports and exports are checked when it is instantiated. */
  | { readonly kind: 'component' };

/** A function of the host gets its place in the plan when it is first used. */
type FuncSource =
  | Extract<FuncTarget, { from: 'lift' }>
  | { readonly from: 'host'; readonly interface: string; readonly name: string };

export interface FuncItem {
  readonly sort: 'func';
  readonly type: number;
  readonly source: FuncSource;
}

export interface InstanceItem {
  readonly sort: 'instance';
  readonly exports: ReadonlyMap<string, Item>;
}

export interface ComponentItem {
  readonly sort: 'component';
  readonly syntax: ComponentSyntax;
  readonly closure: Closure;
}

export interface ModuleItem {
  readonly sort: 'module';
  readonly module: number;
}

export type Item =
  | FuncItem
  | InstanceItem
  | ComponentItem
  | ModuleItem
  | { readonly sort: 'type'; readonly type: TypeItem };

/** A core definition and what sort it is of. */
export interface CoreItem {
  readonly sort: CoreSort;
  readonly ref: CoreRef;
}

export type CoreInstanceItem =
  | { readonly kind: 'made'; readonly instance: number; readonly module: number }
  | { readonly kind: 'named'; readonly exports: ReadonlyMap<string, CoreItem> };

export const SORT_NAMES: Readonly<Record<Sort, string>> = {
  module: 'core module',
  func: 'function',
  type: 'type',
  component: 'component',
  instance: 'instance',
};
