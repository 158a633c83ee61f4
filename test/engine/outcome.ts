// What a call came to: a value, or how it ended.

export type Outcome = { readonly value: unknown } | { readonly trap: string };

export function outcomeOf(call: () => unknown): Outcome {
  try {
    return { value: call() };
  } catch (error) {
    // expected: how a call fails is what is compared.
    return { trap: error instanceof Error ? error.message : Object.prototype.toString.call(error).slice(8, -1) };
  }
}
