// The part of the WebAssembly JavaScript API that the runtime uses; @types/node has none of it and `lib.dom` would
// bring in the browser. Includes JavaScript Promise Integration (`Suspending`, `promising`), which Node 26 has on.

declare namespace WebAssembly {
  type ImportValue = Function | Global | Memory | Table | Tag | number | bigint | Suspending;
  type Imports = Record<string, Record<string, ImportValue>>;
  type ExportValue = Function | Global | Memory | Table | Tag;
  type Exports = Readonly<Record<string, ExportValue>>;
  type Kind = 'function' | 'table' | 'memory' | 'global' | 'tag';

  class Module {
    constructor(bytes: BufferSource);
    static imports(module: Module): { module: string; name: string; kind: Kind }[];
    static exports(module: Module): { name: string; kind: Kind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Table {
    constructor(descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
  }

  class Global {
    constructor(descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64'; mutable?: boolean }, value?: number | bigint);
    value: unknown;
  }

  interface Tag {
    readonly [Symbol.toStringTag]: 'WebAssembly.Tag';
  }

  /** Wraps a function whose promise suspends the calling wasm stack until it settles. */
  interface Suspending {
    readonly [Symbol.toStringTag]: 'WebAssembly.Suspending';
  }
  const Suspending: new (fn: Function) => Suspending;

  /** An export that runs on a stack of its own, so that it can be suspended. */
  function promising(fn: Function): (...args: unknown[]) => Promise<unknown>;

  function validate(bytes: BufferSource): boolean;

  /** Compiles in the engine's own threads. */
  function compile(bytes: BufferSource): Promise<Module>;

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  /** A call of a Suspending import with no `promising` call below it, or with JavaScript frames between. */
  class SuspendError extends Error {}
}
