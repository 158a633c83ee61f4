// fermyon:spin/mysql@2.0.0, and fermyon:spin/mysql without a version (Spin 1), whose functions take the address each time.
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { inTurn } from '../io/in-turn.ts';
import { listStream } from '../io/list-streams.ts';
import { failureOf } from './failure.ts';
import type { Session } from './session.ts';
import { MySqlConnection, type MySqlState } from './state.ts';
import type { MySqlValue } from './value.ts';

export function mysqlV2(state: MySqlState): HostInterface<Guest> {
  return {
    resources: { connection: MySqlConnection },
    functions: {
      '[static]connection.open': waiting((guest: Guest, address: string) =>
        attempt(() => state.open(guest, address), failureOf),
      ),
      '[method]connection.query': waiting(
        ({ call }: Guest, { session }: MySqlConnection, statement: string, values: readonly MySqlValue[]) =>
          attempt(() => session.query(statement, values, call.signal), failureOf),
      ),
      '[method]connection.execute': waiting(
        ({ call }: Guest, { session }: MySqlConnection, statement: string, values: readonly MySqlValue[]) =>
          attempt(() => session.execute(statement, values, call.signal), failureOf),
      ),
    },
  };
}

/** spin:mysql@3.0.0: rows as a stream. */
export function mysqlV3(state: MySqlState): HostInterface<Guest> {
  const { resources, functions } = mysqlV2(state);
  return {
    resources,
    functions: {
      ...functions,
      '[method]connection.query': waiting(
        ({ call }: Guest, { session }: MySqlConnection, statement: string, values: readonly MySqlValue[]) =>
          attempt(
            () =>
              inTurn(session, async () => {
                const { columns, rows } = await session.query(statement, values, call.signal);
                return [columns, ...listStream(rows)];
              }),
            failureOf,
          ),
      ),
      '[method]connection.execute': waiting(
        ({ call }: Guest, { session }: MySqlConnection, statement: string, values: readonly MySqlValue[]) =>
          attempt(() => inTurn(session, () => session.execute(statement, values, call.signal)), failureOf),
      ),
    },
  };
}

/** It calls `other` by another name. */
function failureV1(error: unknown): { readonly tag: string; readonly val: string } {
  const { tag, val } = failureOf(error);
  return { tag: tag === 'other' ? 'other-error' : tag, val };
}

export function mysqlV1(state: MySqlState): HostInterface<Guest> {
  const once = async <T>(guest: Guest, address: string, act: (session: Session) => Promise<T>): Promise<T> => {
    using connection = await state.open(guest, address);
    return await act(connection.session);
  };
  return {
    resources: {},
    functions: {
      query: waiting((guest: Guest, address: string, statement: string, values: readonly MySqlValue[]) =>
        attempt(
          () => once(guest, address, (session) => session.query(statement, values, guest.call.signal)),
          failureV1,
        ),
      ),
      execute: waiting((guest: Guest, address: string, statement: string, values: readonly MySqlValue[]) =>
        attempt(
          () => once(guest, address, (session) => session.execute(statement, values, guest.call.signal)),
          failureV1,
        ),
      ),
    },
  };
}
