// One call after the other of what can do one thing at a time, such as a database connection: an asynchronous guest may
// begin the next before it has the answer to the last.

const last = new WeakMap<object, Promise<unknown>>();

/** Begins when all that was asked of `target` before has ended, however it has ended. */
export function inTurn<T>(target: object, act: () => Promise<T>): Promise<T> {
  const before = last.get(target);
  const mine = before === undefined ? act() : before.then(act, act);
  last.set(target, mine);
  return mine;
}
