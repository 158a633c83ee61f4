// A thousand apps at once: until everything that belongs to them exists and each says so, beside a client that only writes the
// same objects. Rounds of the two alternate.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS, SECRETS, SERVICES, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { createApps, isDone } from './apps.ts';
import { createWorld, follow, processFigures, startBareWriter, type ProcessFigures, type World } from './world.ts';

export interface BurstRound {
  readonly by: 'operator' | 'bare client';
  /** Until the last of the apps was created. */
  readonly createdSeconds: number;
  readonly doneSeconds: number;
  /** Of the process that writes. */
  readonly cpuSeconds: number;
  readonly operator?: ProcessFigures & {
    /** When nothing has happened for a while. */
    readonly restingBytes: number;
    /** Requests for each app, beside what it asks when there is none. */
    readonly requestsPerApp: number;
  };
}

/** After a burst: garbage is collected, events are written. */
const REST_MS = 15_000;

export async function burst(apps: number, rounds: number): Promise<BurstRound[]> {
  const figures: BurstRound[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const by of ['bare client', 'operator'] as const) {
      // One of its own each: what the other has left behind would be in the way of this one.
      const world = await createWorld();
      try {
        figures.push(await (by === 'operator' ? withOperator(world, apps) : bare(world, apps)));
      } finally {
        await world.stop();
      }
    }
  }
  return figures;
}

async function bare(world: World, apps: number): Promise<BurstRound> {
  const namespace = await world.newNamespace();
  const writer = await startBareWriter(world);
  const times = await timed(world, namespace, apps, writer.write);
  return { by: 'bare client', ...times, cpuSeconds: await writer.stop() };
}

async function withOperator(world: World, apps: number): Promise<BurstRound> {
  const namespace = await world.newNamespace();
  const operator = await world.startOperator();
  try {
    const before = await operator.requests();
    const times = await timed(world, namespace, apps);
    const requests = (await operator.requests()) - before;
    const figures = processFigures(operator);
    await sleep(REST_MS);
    return {
      by: 'operator',
      ...times,
      cpuSeconds: figures.cpuSeconds,
      operator: {
        ...figures,
        restingBytes: processFigures(operator).resident,
        requestsPerApp: requests / apps,
      },
    };
  } finally {
    await operator.stop();
  }
}

async function timed(
  { client }: World,
  namespace: string,
  apps: number,
  onCreated?: Parameters<typeof createApps>[3],
): Promise<Pick<BurstRound, 'createdSeconds' | 'doneSeconds'>> {
  const followed = await follow(client, SPIN_APPS, namespace);
  const done = followed.count(apps, isDone);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  await createApps(client, namespace, apps, onCreated);
  const createdSeconds = seconds();
  await done;
  const doneSeconds = seconds();
  followed.stop();
  await checkObjects(client, namespace, apps);
  return { createdSeconds, doneSeconds };
}

async function checkObjects(client: World['client'], namespace: string, apps: number): Promise<void> {
  for (const type of [DEPLOYMENTS, SERVICES, SECRETS]) {
    const { items } = await client.list(type, { namespace });
    if (items.length !== apps) {
      throw new Error(`there are ${items.length} ${type.plural}, not ${apps}`);
    }
  }
}
