// A component written by hand, and what the engine has to do with it.

/** A result, or the message of the trap; of an exception nobody caught the name of its class. */
export type Answer = bigint | { readonly trap: string };

export interface Works {
  readonly name: string;
  /** Text of a component that exports `run: func(n: u32) -> u64`. */
  readonly text: string;
  /** Each is made in an instance of its own, in this order, twice over: what one leaves behind shows in the next. */
  readonly calls: readonly (readonly [n: number, answer: Answer])[];
  /** Why its instances cannot be put back, where that is so: a word of the reason. Undefined: they can. */
  readonly obstacle?: RegExp;
  /** Bytes that each memory may have. */
  readonly instanceMemory?: number;
}

export interface Refused {
  readonly name: string;
  readonly text: string;
  /** What the error at start says. */
  readonly refused: RegExp;
  /** Seen only when an instance is made. */
  readonly whenInstantiated?: true;
  readonly instanceMemory?: number;
}

/** A component of one core module that exports `run` (param i32) (result i64). */
export const single = (body: string): string => `(component
  (core module $m ${body})
  (core instance $i (instantiate $m))
  (func (export "run") (param "n" u32) (result u64) (canon lift (core func $i "run"))))`;

/** The function `run`, with its parameter as the local $n. */
export const run = (body: string): string => `(func (export "run") (param $n i32) (result i64) ${body})`;

export const OUT_OF_BOUNDS: Answer = { trap: 'memory access out of bounds' };
export const TABLE_OUT_OF_BOUNDS: Answer = { trap: 'table index is out of bounds' };

/** The same call, three times: each must see the first state. */
export const always = (n: number, answer: Answer): readonly (readonly [number, Answer])[] => [
  [n, answer],
  [n, answer],
  [n, answer],
];
