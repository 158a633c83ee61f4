// What ends work of the host that a guest has called off (`subtask.cancel`). A promise without it goes on, and nobody
// looks at what comes of it.

const CANCEL = Symbol('ends the work behind a promise');

interface Cancellable {
  [CANCEL]?: () => void;
}

/** `cancel` is called when the guest calls the work off, or ends before it is done. */
export function cancellable<T>(promise: Promise<T>, cancel: () => void): Promise<T> {
  (promise as Cancellable)[CANCEL] = cancel;
  return promise;
}

export const cancelOf = (promise: Promise<unknown>): (() => void) | undefined => (promise as Cancellable)[CANCEL];
