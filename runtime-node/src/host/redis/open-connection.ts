// Opens a connection to a Redis server and says who we are. What the server refuses here, it refuses the guest.
import type { Socket } from 'node:net';
import type { ConnectionOptions, RedisConnection } from './client/connection.ts';
import { ConnectionLost } from './client/connection-lost.ts';
import { RedisError, type Reply } from './client/reply.ts';
import type { RedisTarget } from './target.ts';

/** A server that is there answers within milliseconds; one behind a firewall that drops packets never does. */
const OPEN_MS = 10_000;

export interface OpenOptions extends ConnectionOptions {
  readonly signal: AbortSignal;
}

/** `socket` connects to the target, within TLS if it says so. */
export async function openConnection(
  target: RedisTarget,
  socket: (signal: AbortSignal) => Promise<Socket>,
  { signal, ...options }: OpenOptions,
): Promise<RedisConnection> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new ConnectionLost('timed out')), OPEN_MS);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    const { RedisConnection } = await import('./client/connection.ts');
    const connection = await RedisConnection.over(await socket(either), options);
    const giveUp = (): void => connection.destroy(reasonOf(either));
    either.addEventListener('abort', giveUp);
    try {
      await greet(connection, target);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      either.removeEventListener('abort', giveUp);
    }
  } catch (error) {
    throw either.aborted ? reasonOf(either) : error;
  } finally {
    clearTimeout(timer);
  }
}

const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof ConnectionLost ? reason : new ConnectionLost('the call was ended', { cause: reason });

async function greet(connection: RedisConnection, { username, password, database }: RedisTarget): Promise<void> {
  // In one go: what is refused shows in its own answer.
  const answers = await Promise.all([
    password === undefined
      ? undefined
      : connection.send('AUTH', username === undefined ? [password] : [username, password]),
    database === 0 ? undefined : connection.send('SELECT', [database]),
    // Any answer shows that this is a Redis server; those before 7.2 do not know the command.
    connection.send('CLIENT', ['SETINFO', 'LIB-NAME', 'spindle']),
  ]);
  refused(answers[0], 'Password authentication failed - AuthenticationFailed');
  refused(answers[1], 'Redis server refused to switch database - ResponseError');
}

/** In the words of the client that Spin uses. */
function refused(answer: Reply | undefined, text: string): void {
  if (answer instanceof RedisError) {
    throw new ConnectionLost(text);
  }
}
