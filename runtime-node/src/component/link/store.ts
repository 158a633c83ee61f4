// All state of one instantiated component: core instances, handle tables, memory views, the running call. The Store of
// the WebAssembly specification. Everything else in this folder is shared by all instances.
//
// A store serves one guest after the other: `assign` gives it to a guest, `reset` puts the state of the host's side
// back in place, since the bound imports hold it; memories and globals are put back by engine-memory.ts. A store that
// has failed is thrown away instead: an aborted call may still have promises of the host under way, whose answers would
// arrive in the next guest's call.
import { GuestContext, type ContextHome } from '../abi/guest-context.ts';
import type { GuestResourceOwner } from '../abi/guest-resource.ts';
import { sharedHandles, type Representation } from '../abi/handles.ts';
import { InstanceState } from '../abi/instance-state.ts';
import type { GuestDefinedResource, ResourceIdentity } from '../abi/resource-identity.ts';
import type { CoreValue } from '../abi/core-types.ts';
import { ValueError } from '../abi/value-error.ts';
import type { CallMode } from '../api.ts';
import { explainDenial } from '../denied-name.ts';
import { Trap } from '../host-interface.ts';
import type { CanonicalOptions, CoreRef } from '../plan.ts';
import type { HostClasses } from '../abi/host-classes.ts';
import { viewsOf, type MemoryViews } from '../abi/memory-views.ts';
import type { GuestWatch } from './engine.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { ThunkModule } from './thunks.ts';

export type CoreFunction = (...args: CoreValue[]) => unknown;

/** Canonical options of one component instance; each distinct set of a plan is one slot for a context. */
export interface OptionSet {
  readonly instance: number;
  readonly options: CanonicalOptions;
}

/** What all stores of a linked component share. */
export interface StoreShape {
  readonly instanceCount: number;
  readonly optionSets: readonly OptionSet[];
  readonly hostClasses: HostClasses;
  /** Thunks over the trampolines that may wait; null when there are none. */
  readonly thunks: ThunkModule | null;
  readonly watch: GuestWatch | undefined;
  /** Bytes that each memory may have. */
  readonly instanceMemory: number | undefined;
  /** What a trampoline does in a store. */
  bindTrampoline(store: Store, trampoline: number): CoreFunction;
  destroy(store: Store, resource: GuestDefinedResource, rep: Representation): void;
}

export class Store implements ContextHome, GuestResourceOwner {
  /** Counts the guests; what an earlier one left behind shows by its number. */
  generation = 0;
  guest: unknown = undefined;
  mode: CallMode = 'plain';
  /** Exports of the core instances made so far, in the order of the plan's steps. */
  readonly core: WebAssembly.Exports[] = [];
  readonly instances: readonly InstanceState[];
  /** Those that the engine made, which may really be larger than the guest knows. */
  readonly memories = new Map<WebAssembly.Memory, GuestMemory>();
  /** True while a call of the embedder runs or is suspended. */
  running = false;
  /** True while the guest runs on a stack that can be suspended, in suspending mode: in calls, not before them. */
  suspendable = false;
  /** Whether this guest has asked for memory that it did not get. */
  growthRefused = false;
  readonly #shape: StoreShape;
  readonly #contexts: (GuestContext | undefined)[] = [];
  readonly #trampolines: (CoreFunction | undefined)[] = [];
  /** By index of the trampoline; only those that may wait. */
  readonly #thunks: WebAssembly.Exports;
  readonly #handles = sharedHandles();
  readonly #promising = new Map<unknown, (...args: CoreValue[]) => Promise<unknown>>();
  /** The first error that ended a call. */
  #failure: { readonly error: unknown } | undefined;
  #disposed = false;
  #refused = false;
  /** Ends what waits for the host, and for other guests. */
  readonly #cancelWaits = new Set<(reason: unknown) => void>();
  #tasks = 0;
  readonly #onIdle: (() => void)[] = [];
  /** Whether the guest runs now, as the watch has been told. */
  #inside = false;

  constructor(shape: StoreShape) {
    this.#shape = shape;
    this.instances = Array.from({ length: shape.instanceCount }, (_, index) => new InstanceState(index, this.#handles));
    const stack = shape.watch && { suspended: () => this.leave(), resumed: () => this.enter() };
    this.#thunks = shape.thunks?.instantiate((trampoline) => shape.bindTrampoline(this, trampoline), stack) ?? {};
  }

  /** The guest runs, for the watch. */
  enter(): void {
    this.#inside = true;
    this.#shape.watch?.enter(this.guest);
  }

  /** It has ended, or waits. */
  leave(): void {
    if (this.#inside) {
      this.#inside = false;
      this.#shape.watch?.leave();
    }
  }

  /** Whether the guest runs now. */
  get inside(): boolean {
    return this.#inside;
  }

  /** From here on the store serves this guest, in calls of this mode. */
  assign(guest: unknown, mode: CallMode): void {
    this.guest = guest;
    // What was refused while the instance was made is not this guest's doing.
    this.growthRefused = false;
    this.mode = mode;
    this.suspendable = mode === 'suspending';
  }

  /** Makes the store ready for another guest. Only after a call that has ended well, and after `dispose`. */
  reset(): void {
    this.guest = undefined;
    this.suspendable = false;
    this.generation++;
    this.#disposed = false;
    this.#failure = undefined;
    for (const instance of this.instances) {
      instance.reset();
    }
  }

  get instanceMemory(): number | undefined {
    return this.#shape.instanceMemory;
  }

  /** The memory's own size has changed: views of it are made anew. */
  forgetViews(): void {
    for (const context of this.#contexts) {
      context?.forgetViews();
    }
  }

  viewsOf(memory: WebAssembly.Memory): MemoryViews {
    const made = this.memories.get(memory);
    return made?.views() ?? viewsOf(memory.buffer, memory.buffer.byteLength);
  }

  get owner(): GuestResourceOwner {
    return this;
  }

  instance(index: number): InstanceState {
    const instance = this.instances[index];
    if (instance === undefined) {
      throw new Error(`the plan has no component instance ${index}`);
    }
    return instance;
  }

  context(slot: number): GuestContext {
    return (this.#contexts[slot] ??= this.#makeContext(slot));
  }

  #makeContext(slot: number): GuestContext {
    const set = this.#shape.optionSets[slot];
    if (set === undefined) {
      throw new Error(`the plan has no canonical options ${slot}`);
    }
    return new GuestContext(this.instance(set.instance), set.options, this);
  }

  identify(object: object): ResourceIdentity {
    return this.#shape.hostClasses.identify(object);
  }

  resolve(ref: CoreRef): WebAssembly.ExportValue | undefined {
    return ref.from === 'instance' ? this.core[ref.instance]?.[ref.name] : this.#trampoline(ref.trampoline);
  }

  #trampoline(index: number): WebAssembly.ExportValue {
    return this.#thunks[index] ?? (this.#trampolines[index] ??= this.#shape.bindTrampoline(this, index));
  }

  coreFunction(ref: CoreRef): CoreFunction {
    const found = this.resolve(ref);
    if (typeof found !== 'function') {
      throw new Trap('a function was called before the core instance that defines it was made');
    }
    return found as CoreFunction;
  }

  /** The same function on a stack of its own. */
  promisingFunction(ref: CoreRef): (...args: CoreValue[]) => Promise<unknown> {
    const core = this.coreFunction(ref);
    let promising = this.#promising.get(core);
    if (promising === undefined) {
      // A trampoline without a thunk is not a wasm function, and never waits.
      const isWasm = ref.from === 'instance' || ref.trampoline in this.#thunks;
      promising = isWasm ? WebAssembly.promising(core) : async (...args) => core(...args);
      this.#promising.set(core, promising);
    }
    return promising;
  }

  /** True after a failure or disposal: nothing runs in this store any more. */
  get closed(): boolean {
    return this.#disposed || this.#failure !== undefined;
  }

  /** True when nothing has failed and nothing runs: then the store can be put back for another guest. */
  get healthy(): boolean {
    const error = this.#failure?.error;
    return (this.#failure === undefined || (error instanceof Trap && error.orderly)) && !this.running;
  }

  /** Runs without any import being called; undefined when one was. */
  withoutImports<T>(run: () => T): T | undefined {
    this.#refused = false;
    this.#closeInstances();
    try {
      const result = run();
      return this.#refused ? undefined : result;
    } catch (error) {
      if (this.#refused) {
        return undefined;
      }
      throw error;
    } finally {
      if (this.#failure === undefined) {
        for (const instance of this.instances) {
          instance.mayLeave = true;
        }
      }
    }
  }

  /** Closes the store for good. Gives back the error that did so first, to be thrown. */
  fail(error: unknown, where?: string): unknown {
    if (this.#failure === undefined) {
      if (error instanceof ValueError && where !== undefined) {
        error.message = `${where}: ${error.message}`;
      }
      this.#failure = { error: explainDenial(error) };
      this.#closeInstances();
    }
    return this.#failure.error;
  }

  #closeInstances(): void {
    for (const instance of this.instances) {
      instance.mayLeave = false;
    }
  }

  /** A task begins, which may outlast the call that it was made for. */
  taskBegan(): void {
    this.#tasks += 1;
  }

  taskEnded(): void {
    this.#tasks -= 1;
    if (this.#tasks === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }

  /** Resolves when no task runs or waits any more. */
  idle(): Promise<void> {
    return this.#tasks === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Why an import may not be called now. */
  refusal(): unknown {
    this.#refused = true;
    return this.#failure === undefined ? new Trap('cannot leave component instance') : this.#failure.error;
  }

  /** Begins a call of the embedder. */
  begin(): void {
    this.beginTasks();
    this.enter();
  }

  /** The same for one that runs as tasks, each of which says for itself when it runs. */
  beginTasks(): void {
    if (this.#failure !== undefined) {
      throw new Trap('the instance cannot be used after a call that failed', { cause: this.#failure.error });
    }
    if (this.#disposed) {
      throw new Trap('the instance was disposed');
    }
    if (this.running) {
      throw new Trap('cannot enter component instance: a call is running');
    }
    this.running = true;
  }

  /** Ends it, however it went. */
  end(): void {
    this.running = false;
    this.leave();
  }

  /** A guest can catch the exception of an import; what failed has failed nevertheless. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  /** The answer to an import that waits for the host; an abort ends the wait, and a later answer is not looked at. */
  wait<T>(promise: Promise<T>, where: string, finish: (value: T) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        // The host function has aborted the call itself.
        reject(this.refusal());
      } else {
        this.#cancelWaits.add(reject);
      }
      const settle = (answer: () => unknown): void => {
        if (this.closed) {
          return;
        }
        this.#cancelWaits.delete(reject);
        try {
          resolve(answer());
        } catch (error) {
          reject(this.fail(error, where));
        }
      };
      promise.then(
        (value) => (this.closed ? this.abandon(value) : settle(() => finish(value))),
        (error: unknown) =>
          settle(() => {
            throw error;
          }),
      );
    });
  }

  /** Waits until `wake` is called; an abort rejects. `subscribe` gives what calls that off. */
  pause(subscribe: (wake: () => void) => (() => void) | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(this.refusal());
        return;
      }
      let unsubscribe: (() => void) | undefined;
      const cancel = (reason: unknown): void => {
        unsubscribe?.();
        reject(reason);
      };
      this.#cancelWaits.add(cancel);
      unsubscribe = subscribe(() => {
        this.#cancelWaits.delete(cancel);
        unsubscribe?.();
        resolve();
      });
    });
  }

  abort(reason: unknown): void {
    this.fail(reason);
    for (const cancel of this.#cancelWaits) {
      cancel(reason);
    }
    this.#cancelWaits.clear();
  }

  /** What the host does for the guest has failed while the guest did something else. */
  failed(error: unknown, where?: string): void {
    this.abort(this.fail(error, where));
  }

  destroy(resource: GuestDefinedResource, rep: Representation, generation: number): void {
    if (generation === this.generation) {
      this.#shape.destroy(this, resource, rep);
    }
  }

  /** Whatever host objects were on their way have come where they belong. */
  arrived(): void {
    // Asked first: to set the length is dear, and nearly always nothing was on its way.
    if (this.#handles.moving.length > 0) {
      this.#handles.moving.length = 0;
    }
  }

  /** Disposes what is in an answer of the host that comes too late, when the guest has ended or has called it off. */
  discard(answer: unknown): void {
    for (const object of resourcesIn(answer)) {
      try {
        disposeHostObject(object);
      } catch {
        // expected: nobody is left who could be told.
      }
    }
  }

  /** Takes an answer of the host that the guest cannot get any more: what is in it ends with the store. */
  abandon(answer: unknown): void {
    this.#handles.moving.push(...resourcesIn(answer));
    if (this.#disposed) {
      try {
        this.#disposeHostObjects();
      } catch {
        // expected: nobody is left who could be told.
      }
    }
  }

  /**
   * Disposes the host objects in all handle tables and on their way between them, newest first; throws what they threw,
   * after the last.
   */
  dispose(): void {
    if (this.running) {
      this.abort(new Trap('the instance was disposed'));
    }
    this.#disposed = true;
    this.#closeInstances();
    this.#disposeHostObjects();
  }

  #disposeHostObjects(): void {
    if (this.#handles.moving.length === 0 && this.instances.every(({ handles }) => handles.live === 0)) {
      return;
    }
    const owned = this.instances.flatMap((instance) => instance.handles.drain());
    owned.sort((a, b) => b.sequence - a.sequence);
    const moving = this.#handles.moving.splice(0).toReversed();
    const errors: unknown[] = [];
    // A set: what failed half-way to another table may stand there already.
    for (const object of new Set([...moving, ...owned.map((handle) => handle.object)])) {
      try {
        disposeHostObject(object);
      } catch (error) {
        // expected: thrown below, once the others have been disposed. A trap would be for the guest, which is gone: it
        // need not have dropped everything, nor in what order, and handles that were passed on are out of order.
        if (!(error instanceof Trap)) {
          errors.push(error);
        }
      }
    }
    if (errors.length > 0) {
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'host resources could not be disposed');
    }
  }
}

/** The resources in a value of the host, as deep as a WIT type goes. */
function* resourcesIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    return;
  }
  if (Symbol.dispose in value) {
    yield value;
    return;
  }
  for (const part of Object.values(value)) {
    yield* resourcesIn(part);
  }
}

export function disposeHostObject(object: object): void {
  (object as Partial<Disposable>)[Symbol.dispose]?.();
}
