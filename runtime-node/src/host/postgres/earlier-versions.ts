// spin:postgres@3.0.0, fermyon:spin/postgres@2.0.0, and fermyon:spin/postgres without a version (Spin 1), whose functions
// take the address each time.
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { earlierFailure, earlierRowSet, fromVersion2, TYPES_2, TYPES_3, type Version2Value } from './earlier-types.ts';
import { failureOf } from './failure.ts';
import { openConnection, PgConnection } from './open-connection.ts';
import type { Session } from './session.ts';
import type { PgState } from './state.ts';
import type { PgValue } from './value.ts';

const failure = (error: unknown) => earlierFailure(failureOf(error));

function connectionInterface<V>(
  state: PgState,
  toValues: (values: readonly V[]) => readonly PgValue[],
  types: ReadonlySet<string>,
): HostInterface<Guest> {
  return {
    resources: { connection: PgConnection },
    functions: {
      '[static]connection.open': waiting((guest: Guest, address: string) =>
        attempt(() => openConnection(state, guest, address), failure),
      ),
      '[method]connection.query': waiting(
        ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly V[]) =>
          attempt(async () => {
            const rowSet = await session.query(statement, toValues(values), call.signal);
            return earlierRowSet(rowSet, types);
          }, failure),
      ),
      '[method]connection.execute': waiting(
        ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly V[]) =>
          attempt(() => session.execute(statement, toValues(values), call.signal), failure),
      ),
    },
  };
}

export const postgresV3 = (state: PgState): HostInterface<Guest> =>
  connectionInterface<PgValue>(state, (values) => values, TYPES_3);

export const postgresV2 = (state: PgState): HostInterface<Guest> =>
  connectionInterface<Version2Value>(state, fromVersion2, TYPES_2);

/** It calls `other` by another name. */
function failureV1(error: unknown): { readonly tag: string; readonly val: string } {
  const { tag, val } = failure(error);
  return { tag: tag === 'other' ? 'other-error' : tag, val };
}

export function postgresV1(state: PgState): HostInterface<Guest> {
  const once = async <T>(guest: Guest, address: string, act: (session: Session) => Promise<T>): Promise<T> => {
    using connection = await openConnection(state, guest, address);
    return await act(connection.session);
  };
  return {
    resources: {},
    functions: {
      query: waiting((guest: Guest, address: string, statement: string, values: readonly Version2Value[]) =>
        attempt(
          () =>
            once(guest, address, async (session) => {
              const rowSet = await session.query(statement, fromVersion2(values), guest.call.signal);
              return earlierRowSet(rowSet, TYPES_2);
            }),
          failureV1,
        ),
      ),
      execute: waiting((guest: Guest, address: string, statement: string, values: readonly Version2Value[]) =>
        attempt(
          () => once(guest, address, (session) => session.execute(statement, fromVersion2(values), guest.call.signal)),
          failureV1,
        ),
      ),
    },
  };
}
