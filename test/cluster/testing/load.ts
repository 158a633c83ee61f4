// Requests to an app without a pause, half of them on connections that stay open, until they are stopped.
import { Agent, request } from 'node:http';

export interface Load {
  stop(): Promise<LoadReport>;
}

export interface LoadReport {
  readonly requests: number;
  /** What went wrong, each once, with how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** The answers there were. */
  readonly answers: ReadonlySet<string>;
}

const CLIENTS = 8;
/** An answer takes milliseconds; a request that hangs is a failed one. */
const PATIENCE_MS = 10_000;

export function startLoad(url: string): Load {
  const stop = new AbortController();
  let requests = 0;
  const failures: Record<string, number> = {};
  const answers = new Set<string>();
  const agents = Array.from(
    { length: CLIENTS },
    (_, index) => new Agent({ keepAlive: index % 2 === 0, maxSockets: 1 }),
  );
  const clients = agents.map(async (agent) => {
    while (!stop.signal.aborted) {
      requests += 1;
      try {
        answers.add(await ask(url, agent));
      } catch (error) {
        // expected: counted, and told at the end.
        const what = error instanceof Error ? error.message : String(error);
        failures[what] = (failures[what] ?? 0) + 1;
      }
    }
    agent.destroy();
  });
  return {
    async stop() {
      stop.abort();
      await Promise.all(clients);
      return { requests, failures, answers };
    },
  };
}

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    asked.once('error', (error) =>
      reject(new Error(`${error.message}${asked.reusedSocket ? ' (kept connection)' : ''}`)),
    );
    asked.end();
  });
}
