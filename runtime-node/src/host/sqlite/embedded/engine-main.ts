// Entry of a SQLite process: databases that guests' SQL works on. SQL can run for ever, or take SQLite's memory, and
// nothing within a process can stop it; a process can be ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, StatementFailure } from './database.ts';
import type { RawResult, Reply, Request } from './messages.ts';

/** As long as rusqlite waits for another connection's lock. */
const BUSY_TIMEOUT_MS = 5000;
/** Between two attempts, when the lock is held by somebody whose requests come to this process too. */
const BUSY_PAUSE_MS = 5;

const databases = new Map<number, Database>();

process.on('message', (request: Request) => void answer(request));
// Whoever sends requests has gone.
process.on('disconnect', () => process.exit());

async function answer(request: Request): Promise<void> {
  if (request.kind === 'close') {
    databases.get(request.connection)?.[Symbol.dispose]();
    databases.delete(request.connection);
    return;
  }
  const { id } = request;
  try {
    reply({ id, result: await whenNotBusy(() => run(request)) });
  } catch (error) {
    if (!(error instanceof StatementFailure)) {
      throw error;
    }
    reply({ id, failure: error.message });
  }
}

function run(request: Exclude<Request, { kind: 'close' }>): RawResult {
  const database = databases.get(request.connection) ?? new Database(request.location);
  databases.set(request.connection, database);
  return request.kind === 'execute'
    ? database.execute(request.statement, request.parameters)
    : database.batch(request.statements);
}

/** Waits without holding the process: the lock may be one that another request here is about to give back. */
async function whenNotBusy(attempt: () => RawResult): Promise<RawResult> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof StatementFailure && error.busy) || performance.now() > deadline) {
        throw error;
      }
    }
    await sleep(BUSY_PAUSE_MS);
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}
