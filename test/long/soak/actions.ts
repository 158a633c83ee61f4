// What the clients of the soak do: each action says whether what it saw is what it had to see.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, open, readWhole, responseTo, type Answer } from '../../conformance/client.ts';
import { LIMIT_MS } from './app.ts';

/** Undefined when all was well, else what was not. */
type Act = (port: number, random: () => number) => Promise<string | undefined>;

export interface Action {
  readonly name: string;
  /** How often, in relation to the others. */
  readonly weight: number;
  readonly act: Act;
}

const verdict = (sound: boolean, answer: Answer): string | undefined =>
  sound ? undefined : `${answer.cut ? 'cut ' : ''}${answer.status} ${JSON.stringify(answer.body?.slice(0, 80))}`;

const asks =
  (path: string, status: number, body: RegExp): Act =>
  async (port) => {
    const answer = await ask(port, path);
    return verdict(!answer.cut && answer.status === status && body.test(answer.body ?? ''), answer);
  };

/** A guest that fails once part of its answer is on its way: cut, or in time to say so. */
const failsLate =
  (path: string): Act =>
  async (port) => {
    const answer = await ask(port, path);
    return verdict(answer.cut === true || answer.status === 500, answer);
  };

const bodyOf = (random: () => number): string => 'spindle '.repeat(1 + Math.floor(random() * 20_000));

const echoes: Act = async (port, random) => {
  const body = bodyOf(random);
  const answer = await ask(port, '/echo', { method: 'POST', body });
  return verdict(answer.status === 200 && answer.body === body, answer);
};

const hashes: Act = async (port, random) => {
  const body = bodyOf(random);
  const answer = await ask(port, '/hash', { method: 'POST', body });
  const digest = createHash('sha256').update(body).digest('hex');
  return verdict(answer.body === `${digest} ${body.length}\n`, answer);
};

/** Reads the beginning of an answer, then is gone. */
const leaves =
  (path: string): Act =>
  async (port) => {
    const client = open(port, path);
    client.end();
    const response = await responseTo(client);
    response.on('error', () => {});
    await new Promise((done) => response.once('data', done));
    client.destroy();
    return undefined;
  };

/** Gone in the middle of its own body. */
const leavesWriting: Act = async (port) => {
  const client = open(port, '/hash', { method: 'POST', headers: { 'content-length': '1000000' } });
  client.on('error', () => {});
  client.write('x'.repeat(50_000));
  await sleep(20);
  client.destroy();
  return undefined;
};

/** Takes its answer piece by piece, slower than the guest gives it; it may be given up for that. */
const readsSlowly: Act = async (port) => {
  const client = open(port, '/chunks?count=64&size=65536');
  client.end();
  const response = await responseTo(client);
  const whole = readWhole(response);
  for (let pause = 0; pause < 10; pause += 1) {
    response.pause();
    await sleep(50);
    response.resume();
    await sleep(1);
  }
  const answer = await whole;
  return verdict(answer.cut === true || answer.body?.length === 64 * 65_536, answer);
};

const writesSlowly: Act = async (port) => {
  const client = open(port, '/echo', { method: 'POST' });
  // The answer begins before the request has ended.
  const answered = responseTo(client).then(readWhole);
  for (let piece = 0; piece < 10; piece += 1) {
    client.write('slow ');
    await sleep(50);
  }
  client.end();
  const answer = await answered;
  return verdict(answer.cut === true || answer.body === 'slow '.repeat(10), answer);
};

/**
 * Stopped by its time limit. The client may see twice that and more, since a request waits for its thread while another
 * one loops on it.
 */
const overstays =
  (path: string): Act =>
  async (port) => {
    const begun = performance.now();
    const answer = await ask(port, path);
    const took = performance.now() - begun;
    return verdict(answer.status === 504 && took < 5 * LIMIT_MS, answer);
  };

export const ACTIONS: readonly Action[] = [
  { name: 'hello', weight: 200, act: asks('/hello', 200, /^Hello from Rust!/) },
  { name: 'spin-sdk', weight: 100, act: asks('/sdk', 200, /./) },
  { name: 'javascript', weight: 50, act: asks('/js/x', 200, /^Hello from JS!/) },
  { name: 'count', weight: 100, act: asks('/count', 200, /^1\n$/) },
  { name: 'write', weight: 20, act: asks('/write?mb=2', 200, /^written\n$/) },
  { name: 'scan', weight: 40, act: asks('/scan', 200, /^hits 0 pages \d+\n$/) },
  { name: 'grow', weight: 20, act: asks('/grow?pages=50', 200, /^\d+\n$/) },
  { name: 'echo', weight: 40, act: echoes },
  { name: 'hash', weight: 40, act: hashes },
  { name: 'stream', weight: 20, act: asks('/chunks?count=16&size=16384', 200, /^a{16384}b/) },
  { name: 'late', weight: 10, act: asks('/late?steps=2&ms=20', 200, /^answered\n$/) },
  ...['/panic', '/unreachable', '/memory', '/stack', '/table', '/exit1'].map((path) => ({
    name: `trap ${path}`,
    weight: 5,
    act: asks(path, 500, /^/),
  })),
  { name: 'out of memory', weight: 2, act: asks('/oom', 500, /^/) },
  { name: 'trap late', weight: 5, act: failsLate('/after/panic') },
  { name: 'no answer', weight: 5, act: asks('/drop', 500, /^/) },
  { name: 'leaves a stream', weight: 10, act: leaves('/chunks?count=200&size=65536') },
  { name: 'leaves a guest that waits', weight: 10, act: leaves('/hang-body') },
  { name: 'leaves its own body', weight: 10, act: leavesWriting },
  { name: 'reads slowly', weight: 5, act: readsSlowly },
  { name: 'writes slowly', weight: 5, act: writesSlowly },
  { name: 'waits for ever', weight: 2, act: overstays('/hang') },
];

/** One client only: it takes a whole thread for as long as the limit lets it. */
export const LOOP: Action = { name: 'loops', weight: 1, act: overstays('/loop') };
