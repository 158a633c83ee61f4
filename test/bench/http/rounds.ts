// Rounds of load that alternate between servers, so that a noisy machine disturbs all of them alike.
import { cpuMicroseconds } from '../process-figures.ts';
import type { BenchGuest } from './guests.ts';
import { load } from './load.ts';
import { BARE, type RunningServer, type ServerKind } from './servers.ts';

/** What one server did, a value for each round. */
export interface Rounds {
  readonly guest: string;
  readonly server: string;
  readonly connections: number;
  /** Microseconds of CPU time of all threads, per request. */
  readonly cpuPerRequest: readonly number[];
  readonly requestsPerSecond: readonly number[];
  /** Milliseconds. */
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  readonly errors: number;
}

interface Plan {
  readonly connections: readonly number[];
  /** Seconds of load before anything counts: every thread has code to optimise. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly seconds: number;
}

export async function measureRounds(
  guest: BenchGuest,
  kinds: readonly ServerKind[],
  { connections, warmUp, rounds, seconds }: Plan,
): Promise<Rounds[]> {
  const servers: RunningServer[] = [];
  try {
    for (const kind of kinds) {
      servers.push(await kind.start(guest));
    }
    checkSameAnswer(guest, kinds, servers);
    for (const server of servers) {
      await load({ url: server.url, body: guest.body }, Math.max(...connections), warmUp);
    }
    const measured: Rounds[] = [];
    for (const count of connections) {
      measured.push(...(await alternate(guest, kinds, servers, count, rounds, seconds)));
    }
    return measured;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function alternate(
  guest: BenchGuest,
  kinds: readonly ServerKind[],
  servers: readonly RunningServer[],
  connections: number,
  rounds: number,
  seconds: number,
): Promise<Rounds[]> {
  const seen = kinds.map(({ name }) => ({
    guest: guest.fixture,
    server: name,
    connections,
    cpuPerRequest: [] as number[],
    requestsPerSecond: [] as number[],
    p50: [] as number[],
    p99: [] as number[],
    errors: 0,
  }));
  // One round more than is counted: the first gets used to this many connections.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, server] of servers.entries()) {
      const before = cpuOf(server);
      const now = await load({ url: server.url, body: guest.body }, connections, seconds);
      const figures = seen[index];
      if (round > 0 && figures !== undefined) {
        figures.cpuPerRequest.push((cpuOf(server) - before) / now.requests);
        figures.requestsPerSecond.push(now.requestsPerSecond);
        figures.p50.push(now.p50);
        figures.p99.push(now.p99);
        figures.errors += now.errors;
      }
    }
  }
  return seen;
}

/** Microseconds, of all processes that answer. */
const cpuOf = ({ pid, behind }: RunningServer): number =>
  cpuMicroseconds(pid) + (behind === undefined ? 0 : cpuOf(behind));

/** Those that run guests must do the same work, or their figures are no comparison. */
function checkSameAnswer(guest: BenchGuest, kinds: readonly ServerKind[], servers: readonly RunningServer[]): void {
  const answers = kinds.flatMap(({ name }, index) => (name === BARE ? [] : [{ name, of: servers[index]?.answer }]));
  const [ours] = answers;
  for (const { name, of } of answers) {
    if (ours?.of === undefined || of === undefined || !of.equals(ours.of)) {
      throw new Error(
        `${guest.name}: ${ours?.name} answered ${ours?.of?.length} bytes, ${name} ${of?.length}, and they are not the same`,
      );
    }
  }
}
