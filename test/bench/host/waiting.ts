// A thousand requests at once whose guests each wait a second for an HTTP origin, in one process with one serving thread.
import { connect } from 'node:net';
import { processState, type ProcessState } from '../process-figures.ts';
import type { RunningServer } from '../http/servers.ts';

export interface Burst {
  readonly requests: number;
  /** Milliseconds from the first byte sent to the end of the last answer. */
  readonly milliseconds: number;
  /** Answers other than 200. */
  readonly failed: number;
  /** While all wait, or at the highest that was seen. */
  readonly peak: ProcessState;
}

export interface Waiting {
  /** Of the process that has answered one request. */
  readonly before: ProcessState;
  /** The first finds no instances beyond one, the others what the one before has left. */
  readonly bursts: readonly Burst[];
}

/** Between looks at the process's memory: enough of them, and none that takes much of a processor. */
const LOOK_MS = 100;

export async function measureWaiting(server: RunningServer, requests: number, bursts: number): Promise<Waiting> {
  const before = processState(server.pid);
  const seen: Burst[] = [];
  while (seen.length < bursts) {
    seen.push(await burst(server, requests));
  }
  return { before, bursts: seen };
}

async function burst({ pid, port, url }: RunningServer, requests: number): Promise<Burst> {
  const { pathname, search } = new URL(url);
  const head = `GET ${pathname}${search} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n`;
  let peak = processState(pid);
  const look = setInterval(() => {
    const now = processState(pid);
    peak = {
      resident: Math.max(peak.resident, now.resident),
      threads: Math.max(peak.threads, now.threads),
      files: Math.max(peak.files, now.files),
      mappings: Math.max(peak.mappings, now.mappings),
    };
  }, LOOK_MS);
  const began = performance.now();
  try {
    const statuses = await Promise.all(Array.from({ length: requests }, () => status(port, head)));
    return {
      requests,
      milliseconds: performance.now() - began,
      failed: statuses.filter((line) => !line.startsWith('HTTP/1.1 200')).length,
      peak,
    };
  } finally {
    clearInterval(look);
  }
}

/** The first bytes of the answer, once the connection has ended. */
function status(port: number, head: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {}); // What was not answered counts as failed.
    socket.on('close', () => resolve(text));
  });
}
