// What the host gives to a component: functions and resource classes by WIT interface.
//
// How WIT values look in TypeScript, in both directions:
//   bool -> boolean; s8..s32, u8..u32, f32, f64 -> number; s64, u64 -> bigint; char, string -> string
//   list<u8> -> Uint8Array (a copy, never a view of guest memory); list<T> -> T[]; tuple -> array
//   record -> object with camelCase keys; flags -> object of booleans with camelCase keys; enum -> its WIT name
//   variant -> { tag: 'wit-name', val?: payload }; option<T> -> T or undefined (option<option<T>>: { tag: 'some' | 'none', val })
//   result -> { tag: 'ok', val } or { tag: 'err', val }
//   own<R>, borrow<R> of a host resource -> the instance of the resource's class
//   stream<T> -> StreamReader, of Uint8Arrays for stream<u8> and of arrays for others; future<T> -> FutureReader
// An `async func` is a waiting one: a guest that calls it asynchronously goes on while its promise is pending.

export type Result<T, E> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: E };

export const ok = <T>(val: T): { readonly tag: 'ok'; readonly val: T } => ({ tag: 'ok', val });
export const err = <E>(val: E): { readonly tag: 'err'; readonly val: E } => ({ tag: 'err', val });

/** A resource's class on the host. Disposed when the guest drops its own handle, or when the instance ends. */
export type HostResourceClass = abstract new (...args: never[]) => object;

/** Access to the calling guest's memory for functions written at the core ABI. */
export interface CoreBinding {
  /** Views of the calling core module's memory; fresh ones after every growth, so never keep them across a call. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** `cabi_realloc(0, 0, align, size)` of the caller. */
  allocate(size: number, align: number): number;
  /** The object behind a handle of the calling instance; traps when there is none or it is of another class. */
  resource<T extends object>(handle: number, type: abstract new (...args: never[]) => T): T;
  /** A new own handle for a host object. */
  insert(value: object): number;
  /** A string parameter, in the caller's encoding; traps when it is malformed or out of bounds. */
  readString(pointer: number, length: number): string;
  /** Allocates a string in the caller's encoding and stores its pointer and length, 4 bytes each, at `at`. */
  writeString(value: string, at: number): void;
}

/** A function of a host interface. `Guest` is the object the embedder gave to `instantiate`. */
export interface HostFunction<Guest> {
  /** Typed implementation; returns the WIT result, or a promise of it when `waits`. */
  readonly call: (guest: Guest, ...args: never[]) => unknown;
  /** True when `call` may return a promise: the guest's stack is then suspended until it settles. */
  readonly waits: boolean;
  /**
   * The same function at the core ABI, for the few that are called many times per request. Takes the flattened
   * parameters (and the result pointer), gives the flat result; may return a promise when `waits`.
   */
  readonly core?: (guest: () => Guest, binding: CoreBinding) => (...args: never[]) => unknown;
}

export interface HostInterface<Guest> {
  /**
   * True when calls leave nothing behind but in the instance and in what the embedder gave to it, so that a call of the
   * guest can be thrown away and made again. Functions of other interfaces do not run on trial.
   */
  readonly repeatable?: boolean;
  /** By WIT name: `poll`, `[method]pollable.block`, `[constructor]fields`, `[static]response-outparam.set`. */
  readonly functions: Readonly<Record<string, HostFunction<Guest>>>;
  /** By WIT name: `pollable`. */
  readonly resources: Readonly<Record<string, HostResourceClass>>;
}

/** By name with version, e.g. `wasi:io/streams@0.2.0`; a guest's 0.2.x finds any 0.2.y (semver-compatible). */
export type HostInterfaces<Guest> = ReadonlyMap<string, HostInterface<Guest>>;

/** A function that never waits. */
export const plain = <Guest, Args extends unknown[]>(
  call: (guest: Guest, ...args: Args) => unknown,
): HostFunction<Guest> => ({ call: call as unknown as HostFunction<Guest>['call'], waits: false });

/** A function that may wait; it should answer without a promise whenever the answer is there. */
export const waiting = <Guest, Args extends unknown[]>(
  call: (guest: Guest, ...args: Args) => unknown,
): HostFunction<Guest> => ({ call: call as unknown as HostFunction<Guest>['call'], waits: true });

/** Ends the guest's call; the instance must not be used again. */
export class Trap extends Error {
  override readonly name = 'Trap';
  /** True when the guest has asked for its end, and all is well: the instance can then be put back for another. */
  readonly orderly: boolean = false;
}
