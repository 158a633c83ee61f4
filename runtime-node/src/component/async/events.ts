// The numbers by which the canonical ABI speaks of what has happened (CanonicalABI.md "Waitable State", "canon lift",
// "canon lower", "canon {stream,future}.{read,write}").

/** What an event is about; with the handle that it concerns and what has become of it. */
export const EVENT = {
  none: 0,
  subtask: 1,
  streamRead: 2,
  streamWrite: 3,
  futureRead: 4,
  futureWrite: 5,
  taskCancelled: 6,
} as const;

export type Event = readonly [code: number, handle: number, payload: number];

export const NO_EVENT: Event = [EVENT.none, 0, 0];
export const TASK_CANCELLED: Event = [EVENT.taskCancelled, 0, 0];

/** The low four bits of what an `async` lowered function answers; the handle of the subtask stands above. */
export const SUBTASK = { started: 1, returned: 2, cancelled: 4 } as const;

/** The low four bits of what a callback answers; the handle of a waitable set stands above. */
export const CALLBACK = { exit: 0, yield: 1, wait: 2 } as const;

/** The low four bits of what a copy comes to; the number of elements stands above. */
export const COPY = { completed: 0, dropped: 1, cancelled: 2 } as const;
export type CopyResult = (typeof COPY)[keyof typeof COPY];

/** A copy that has not come to an end yet. */
export const BLOCKED = 0xffff_ffff;

/** Bits below a handle or a number of elements. */
export const CODE_BITS = 4;
export const CODE_MASK = 0xf;

/** Elements that one copy may ask for: their number has to fit above the code. */
export const MAX_COPY = 2 ** 28 - 1;
