// Whether a server is at a socket.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    // expected: nobody is there.
    return false;
  } finally {
    connection.destroy();
  }
}

const LOOK_AGAIN_MS = 5;

/** False when nobody has come within this time. */
export async function untilAnswers(socket: string, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!(await answers(socket))) {
    if (Date.now() > deadline) {
      return false;
    }
    await sleep(LOOK_AGAIN_MS);
  }
  return true;
}
