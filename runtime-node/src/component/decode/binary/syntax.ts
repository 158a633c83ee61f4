// What a component binary says, as written: one entry per definition, in order. Indices are those of the scope a
// definition stands in; resolve/ gives them meaning. Types have the plan's shapes, with local type indices.
import type {
  ChannelBuiltin,
  ChannelCancel,
  ChannelCopy,
  CompositeType,
  FuncType,
  PrimitiveType,
  SimpleBuiltin,
  TypeRef,
} from '../../plan.ts';

/** Sorts of core definitions that a core instance can export. */
export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag';
/** Sorts of component-level definitions; values are refused while reading. */
export type Sort = 'module' | 'func' | 'type' | 'component' | 'instance';

export interface ExternName {
  readonly name: string;
  /** The interface that an import or export under a name of its own stands for (`implements`). */
  readonly implements: string | null;
}

export type ExternDesc =
  | { readonly kind: 'module'; readonly type: number }
  | { readonly kind: 'func'; readonly type: number }
  | { readonly kind: 'component'; readonly type: number }
  | { readonly kind: 'instance'; readonly type: number }
  | { readonly kind: 'type-equal'; readonly type: number }
  | { readonly kind: 'type-resource' };

export type TypeSyntax =
  | { readonly kind: 'value'; readonly type: PrimitiveType | CompositeType }
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'resource'; readonly destructor: number | null }
  | { readonly kind: 'instance'; readonly declarations: readonly Definition[] }
  | { readonly kind: 'component'; readonly declarations: readonly Definition[] };

export type Alias =
  | { readonly of: 'instance'; readonly sort: Sort; readonly instance: number; readonly name: string }
  | { readonly of: 'core-instance'; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  | {
      readonly of: 'outer';
      readonly sort: 'core-type' | 'module' | 'type' | 'component';
      readonly count: number;
      readonly index: number;
    };

export interface CanonOptions {
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
  readonly memory: number | null;
  readonly realloc: number | null;
  readonly postReturn: number | null;
  readonly async: boolean;
  readonly callback: number | null;
}

export type Canon =
  | { readonly kind: 'lift'; readonly func: number; readonly type: number; readonly options: CanonOptions }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly type: number }
  | { readonly kind: 'task.return'; readonly result: TypeRef | null; readonly options: CanonOptions }
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number }
  | { readonly kind: 'waitable-set.wait' | 'waitable-set.poll'; readonly cancellable: boolean; readonly memory: number }
  | { readonly kind: 'thread.yield'; readonly cancellable: boolean }
  | { readonly kind: 'subtask.cancel'; readonly async: boolean }
  | { readonly kind: ChannelBuiltin | ChannelCancel; readonly type: number }
  | { readonly kind: ChannelCopy; readonly type: number; readonly options: CanonOptions }
  | { readonly kind: SimpleBuiltin };

export interface CoreArgument {
  readonly name: string;
  readonly instance: number;
}

export interface CoreInlineExport {
  readonly name: string;
  readonly sort: CoreSort;
  readonly index: number;
}

export interface NamedItem {
  readonly name: string;
  readonly sort: Sort;
  readonly index: number;
}

export type DefinitionBody =
  | { readonly kind: 'core-module'; readonly module: number }
  | { readonly kind: 'core-type' }
  | { readonly kind: 'core-instantiate'; readonly module: number; readonly args: readonly CoreArgument[] }
  | { readonly kind: 'core-exports'; readonly exports: readonly CoreInlineExport[] }
  | { readonly kind: 'component'; readonly component: ComponentSyntax }
  | { readonly kind: 'instantiate'; readonly component: number; readonly args: readonly NamedItem[] }
  | { readonly kind: 'exports'; readonly exports: readonly NamedItem[] }
  | { readonly kind: 'alias'; readonly alias: Alias }
  | { readonly kind: 'type'; readonly type: TypeSyntax }
  | { readonly kind: 'canon'; readonly canon: Canon }
  | { readonly kind: 'import'; readonly name: ExternName; readonly desc: ExternDesc }
  | { readonly kind: 'export'; readonly item: NamedItem; readonly ascribed: ExternDesc | null }
  /** An export that an instance or component type promises. */
  | { readonly kind: 'declare-export'; readonly name: string; readonly desc: ExternDesc };

export type Definition = DefinitionBody & {
  /** Where it begins in the binary. */
  readonly offset: number;
};

export interface ComponentSyntax {
  readonly definitions: readonly Definition[];
}

/** A core module within the binary; its index is the order of appearance. */
export interface ModuleRange {
  readonly offset: number;
  readonly length: number;
}

export interface BinarySyntax {
  readonly root: ComponentSyntax;
  readonly modules: readonly ModuleRange[];
}
