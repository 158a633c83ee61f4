// The link plan: what a component binary says, with every index space, alias and nested component resolved away.
// Pure data that survives JSON, so that it can be cached by digest; made by decode/, executed by link/.
// Follows the Component Model's binary format and canonical ABI.

export type PrimitiveType =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string';

/** A primitive by name, or an index into `ComponentPlan.types`. */
export type TypeRef = PrimitiveType | number;

export type CompositeType =
  | { readonly kind: 'record'; readonly fields: readonly { readonly name: string; readonly type: TypeRef }[] }
  | { readonly kind: 'variant'; readonly cases: readonly { readonly name: string; readonly type: TypeRef | null }[] }
  | { readonly kind: 'list'; readonly element: TypeRef }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeRef[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: TypeRef }
  | { readonly kind: 'result'; readonly ok: TypeRef | null; readonly err: TypeRef | null }
  | { readonly kind: 'own'; readonly resource: number }
  | { readonly kind: 'borrow'; readonly resource: number }
  | { readonly kind: 'stream'; readonly element: TypeRef | null }
  | { readonly kind: 'future'; readonly element: TypeRef | null };

export interface FuncType {
  /** `async func`; absent for the others. */
  readonly async?: true;
  readonly params: readonly { readonly name: string; readonly type: TypeRef }[];
  readonly result: TypeRef | null;
}

/** A resource type, one per identity: two imports that the component declares equal share one entry. */
export type ResourceType =
  | { readonly origin: 'import'; readonly interface: string; readonly name: string }
  | {
      readonly origin: 'guest';
      /** Component instance that defines it (index below `ComponentPlan.instanceCount`). */
      readonly instance: number;
      readonly destructor: CoreRef | null;
      /** WIT name under which it is exported, where known; for messages only. */
      readonly name: string;
    };

/** A core definition: an export of a core instance made earlier, or a trampoline. */
export type CoreRef =
  | { readonly from: 'instance'; readonly instance: number; readonly name: string }
  | { readonly from: 'trampoline'; readonly trampoline: number };

export interface CanonicalOptions {
  readonly memory: CoreRef | null;
  readonly realloc: CoreRef | null;
  readonly postReturn: CoreRef | null;
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
}

/** A component-level function: the host's, or one that a component instance lifted. */
export type FuncTarget =
  | { readonly from: 'import'; readonly import: number }
  | { readonly from: 'lift'; readonly lift: number };

/** A leaf function that the host must give. `interface` is '' for a function imported at the root. */
export interface ImportedFunc {
  readonly interface: string;
  readonly name: string;
  readonly type: number;
}

export interface Lift {
  readonly core: CoreRef;
  readonly type: number;
  readonly options: CanonicalOptions;
  /** Component instance whose handle table the call uses. */
  readonly instance: number;
  /** With the option `async`: the core function that gets the events; the result comes through `task.return`. */
  readonly callback?: CoreRef;
}

export type Trampoline = { readonly instance: number } & (
  | {
      readonly kind: 'lower';
      readonly target: FuncTarget;
      /** The function's type as the lowering (calling) side sees it. */
      readonly type: number;
      readonly options: CanonicalOptions;
      /** With the option `async`: the call gives a subtask where it has to wait. */
      readonly async?: true;
    }
  | { readonly kind: 'resource.new' | 'resource.rep' | 'resource.drop'; readonly resource: number }
  | AsyncBuiltin
);

/** The built-ins of asynchronous components. `type` is a stream or a future among `ComponentPlan.types`. */
export type AsyncBuiltin =
  | { readonly kind: 'task.return'; readonly result: TypeRef | null; readonly options: CanonicalOptions }
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number }
  | {
      readonly kind: 'waitable-set.wait' | 'waitable-set.poll';
      readonly cancellable: boolean;
      readonly memory: CoreRef;
    }
  | { readonly kind: 'thread.yield'; readonly cancellable: boolean }
  | { readonly kind: 'subtask.cancel'; readonly async: boolean }
  | { readonly kind: ChannelBuiltin; readonly type: number }
  | {
      readonly kind: ChannelCopy;
      readonly type: number;
      readonly options: CanonicalOptions;
      /** Without the option `async`: the guest waits until something was copied. */
      readonly sync?: true;
    }
  | { readonly kind: ChannelCancel; readonly type: number }
  | { readonly kind: SimpleBuiltin };

/** Those without anything that they say of themselves. */
export type SimpleBuiltin =
  | 'task.cancel'
  | 'subtask.drop'
  | 'backpressure.inc'
  | 'backpressure.dec'
  | 'waitable-set.new'
  | 'waitable-set.drop'
  | 'waitable.join';

type Channel = 'stream' | 'future';
export type ChannelBuiltin = `${Channel}.${'new' | 'drop-readable' | 'drop-writable'}`;
export type ChannelCopy = `${Channel}.${'read' | 'write'}`;
export type ChannelCancel = `${Channel}.${'cancel-read' | 'cancel-write'}`;

/** Makes core instance number N, where N is how many such steps came before. */
export interface InstantiateStep {
  readonly module: number;
  /** Import module name to import field name to definition. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, CoreRef>>>>;
}

export type PlanExport =
  | { readonly kind: 'func'; readonly target: FuncTarget; readonly type: number }
  | { readonly kind: 'instance'; readonly exports: Readonly<Record<string, PlanExport>> };

export interface ComponentPlan {
  readonly types: readonly CompositeType[];
  readonly funcTypes: readonly FuncType[];
  readonly resources: readonly ResourceType[];
  /** Byte ranges of the core modules within the component binary, each listed once. */
  readonly modules: readonly { readonly offset: number; readonly length: number }[];
  /** How many component instances (handle tables) there are; 0 is the root. */
  readonly instanceCount: number;
  readonly imports: readonly ImportedFunc[];
  /** Names of all interfaces the component imports, functions used or not, in order. */
  readonly importedInterfaces: readonly string[];
  readonly trampolines: readonly Trampoline[];
  readonly lifts: readonly Lift[];
  readonly steps: readonly InstantiateStep[];
  readonly exports: Readonly<Record<string, PlanExport>>;
}
