// Waits for a server's first answer, from the moment its process was started.
import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILLER } from './guests.ts';

/** How long a server may take to its first answer; one that compiles a large guest takes many seconds. */
const START_DEADLINE_MS = 120_000;

/** How often to knock: often enough to tell a millisecond, seldom enough to leave the server its cores. */
const KNOCK_MS = 1;

/** Throws when the process ends, when the status is not 200, or after the deadline. */
export async function firstAnswer(child: ChildProcess, url: string, body?: number): Promise<Buffer> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server ended (${child.exitCode ?? child.signalCode}) before it answered`);
    }
    try {
      return await ask(url, body);
    } catch (error) {
      // expected: nothing listens yet
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') {
        throw error;
      }
    }
    await sleep(KNOCK_MS);
  }
  throw new Error('the server gave no answer in time');
}

/** One request on a connection of its own; the body of its answer. */
function ask(url: string, body: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) {
          resolve(Buffer.concat(chunks));
        } else {
          reject(new Error(`the first answer had status ${response.statusCode}`));
        }
      });
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : FILLER.repeat(body));
  });
}
