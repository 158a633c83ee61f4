// Cold starts: from exec to the end of the first answer, alternated between the servers.
import type { BenchGuest } from './guests.ts';
import type { ServerKind } from './servers.ts';

export interface Starts {
  readonly guest: string;
  readonly server: string;
  /** Milliseconds, a value for each start. */
  readonly firstAnswer: readonly number[];
}

export async function measureStarts(
  guest: BenchGuest,
  kinds: readonly ServerKind[],
  starts: number,
): Promise<Starts[]> {
  const seen = kinds.map(({ name }) => ({ guest: guest.fixture, server: name, firstAnswer: [] as number[] }));
  // The first of each fills caches, of the server and of the kernel, and is not counted.
  for (let round = 0; round <= starts; round += 1) {
    for (const [index, kind] of kinds.entries()) {
      const server = await kind.start(guest);
      await server.stop();
      if (round > 0) {
        seen[index]?.firstAnswer.push(server.firstAnswerMs);
      }
    }
  }
  return seen;
}
