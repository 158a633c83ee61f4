// One round of load by wrk: what it saw.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, wrk } from '../tools.ts';
import { FILLER } from './guests.ts';

export interface Load {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Socket errors and answers that were not 2xx. */
  readonly errors: number;
}

interface Request {
  readonly url: string;
  /** Bytes of its body; a POST then. */
  readonly body: number | undefined;
}

/** Loads a server with a request from one thread with `connections` for `seconds`. */
export async function load({ url, body }: Request, connections: number, seconds: number): Promise<Load> {
  const script = body === undefined ? [] : ['-s', postScript(body)];
  const child = spawn(wrk(), [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '--timeout',
    '10s',
    ...script,
    url,
  ]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) {
    throw new Error(`wrk ended with status ${String(status)}:\n${text}`);
  }
  return parseWrk(text);
}

/** wrk sends a body only by way of a Lua script. */
function postScript(bytes: number): string {
  const file = join(cacheFolder('wrk'), `post-${bytes}.lua`);
  writeFileSync(file, `wrk.method = "POST"\nwrk.body = string.rep("${FILLER}", ${bytes})\n`);
  return file;
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

export function parseWrk(text: string): Load {
  const percentile = (percent: number): number => {
    const match = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, 'm').exec(text);
    return Number(match?.[1]) * (MILLISECONDS[match?.[2] ?? ''] ?? Number.NaN);
  };
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50: percentile(50),
    p99: percentile(99),
    errors: number(/Non-2xx or 3xx responses: (\d+)/) + socket.reduce((sum, count) => sum + Number(count), 0),
  };
}
