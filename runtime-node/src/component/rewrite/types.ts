// What the engine makes of a core module before it is compiled, so that an instance's state can be put back and its
// time be watched. The names are those that rewritten modules import and export under ENGINE.

/** Import module of everything the engine gives to a rewritten module; a component that uses this name is refused. */
export const ENGINE = 'spindle:engine';

/**
 * Imported under ENGINE, all of them at instantiation, so that start functions can rely on them:
 * - `memory<i>`: the memory that the module defined with index i, in place of its definition; made by the engine, at
 *   least as large as MemoryFacts.initial and with a maximum that is not above MemoryFacts.maximum.
 * - `grown` (func (param i32)): the memory's own size has become that many pages; called after every growth above 0
 *   pages has succeeded, within `memory.grow` of whichever module; -1 after one that was refused. Only in modules that
 *   define a virtual memory.
 * - `pages` (global (mut i32)), `grow` (func (param i32) (result i32)): in modules that import a virtual memory: what the
 *   instance that the memory was taken from exports as `spindle:pages` and `spindle:grow`.
 * - `interrupt` (memory 1 1 shared): a 32-bit flag at address 0 that another thread sets, and
 *   `interrupted` (func): called when a check found it set; it throws, or returns and the guest goes on.
 *   Only with `timeChecks`, then in every module.
 * Exported, each with this prefix:
 * - `spindle:save`, `spindle:restore` (func): keep the value of every mutable global that the module defines, and put
 *   them all back. Only where there are such globals; `pages` is one of them.
 * - `spindle:pages`, `spindle:grow`: of the virtual memory, defined or imported: whoever takes the memory from this
 *   instance takes these too.
 *
 * Added imports of functions and globals move the defined ones to higher indices, which nothing outside a module sees
 * but the numbers in a stack trace; names of functions are kept.
 */
export const EXPORTED = {
  save: 'spindle:save',
  restore: 'spindle:restore',
  pages: 'spindle:pages',
  grow: 'spindle:grow',
} as const;

export interface RewriteOptions {
  /** Put a check of the interrupt flag into every loop and every function that may recur. */
  readonly timeChecks: boolean;
  /**
   * False where instances serve one call each, since another module of the component has obstacles: sizes stay real and
   * no globals are kept. Memories are still imported. Default: true.
   */
  readonly resettable?: boolean;
}

export interface MemoryFacts {
  /** In pages of 64 KiB. */
  readonly initial: number;
  /** What the module declares; undefined when it declares none. */
  readonly maximum: number | undefined;
}

export interface ModuleFacts {
  /**
   * Why an instance cannot be put back into its first state, e.g. `table.set`; empty when it can. Instances of such
   * modules serve one call each.
   */
  readonly obstacles: readonly string[];
  /** What the engine does not run at all, e.g. `memory64`: the component is refused by these names. */
  readonly refused: readonly string[];
  /** Memories that the module defined, now imported as `memory<i>`, by their index i. */
  readonly memories: Readonly<Record<number, MemoryFacts>>;
  /**
   * True when the module's one memory has a virtual size: `memory.size` and `memory.grow` go by the global `pages`, so
   * that a memory can be shrunk between two calls. Bulk instructions check their bounds against it themselves.
   */
  readonly virtualMemory: boolean;
  /** Import (module, name) of the virtual memory when another module defines it and this one needs `pages`, `grow`. */
  readonly importedMemory: { readonly module: string; readonly name: string } | undefined;
  /** Whether `spindle:save` and `spindle:restore` are there. */
  readonly savesGlobals: boolean;
}

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: ModuleFacts;
}
