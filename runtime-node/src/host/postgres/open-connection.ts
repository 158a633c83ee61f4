// What a guest holds of a PostgreSQL server: the resources, and how many of them there may be.
import type { Guest } from '../guest.ts';
import { connectionFailed } from './failure.ts';
import type { Session } from './session.ts';
import type { OpenSession, PgState } from './state.ts';

/** Spin's tables hold so many, per instance (spin-contract.md §4). */
export const MAX_OPEN = 1024;

const OPEN = Symbol('open PostgreSQL connections');

/** `connection`: the guest's until it drops it. */
export class PgConnection implements Disposable {
  readonly #open: OpenSession;
  readonly #count: { open: number };
  #held = true;

  constructor(open: OpenSession, count: { open: number }) {
    this.#open = open;
    this.#count = count;
  }

  get session(): Session {
    return this.#open.session;
  }

  [Symbol.dispose](): void {
    if (this.#held) {
      this.#held = false;
      this.#count.open -= 1;
      this.#open.release();
    }
  }
}

/** Throws or rejects with PgError; at once where a connection is ready. */
export function openConnection(
  state: PgState,
  guest: Guest,
  address: string,
  authority?: string,
): PgConnection | Promise<PgConnection> {
  const count = guest.state(OPEN, () => ({ open: 0 }));
  if (count.open === MAX_OPEN) {
    throw connectionFailed('too many connections');
  }
  const counted = (open: OpenSession): PgConnection => {
    count.open += 1;
    return new PgConnection(open, count);
  };
  const open = state.open(guest, address, authority);
  if (!(open instanceof Promise)) {
    return counted(open);
  }
  // One that is being opened counts too.
  count.open += 1;
  return open.then(counted).finally(() => {
    count.open -= 1;
  });
}
