// Ten thousand apps with all that belongs to them: how long a new operator takes until it has read everything and looked at
// every app, what it asks for meanwhile, and what it needs in memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { createApps } from './apps.ts';
import { createWorld, processFigures, startBareWriter, type ProcessFigures, type World } from './world.ts';

export interface StartFigures {
  readonly apps: number;
  /** From the start of the process until /readyz says so: caches synced. */
  readonly readySeconds: number;
  /** Until every app was looked at once. */
  readonly reconciledSeconds: number;
  /** By method; nothing has to be written. */
  readonly reads: number;
  readonly writes: number;
  readonly figures: ProcessFigures;
  readonly restingBytes: number;
}

const REST_MS = 15_000;
const PAUSE_MS = 50;

export async function starts(apps: number, rounds: number): Promise<StartFigures[]> {
  const world = await createWorld();
  try {
    const namespace = await world.newNamespace();
    // The one that made them leaves nothing to do.
    const writer = await startBareWriter(world);
    await createApps(world.client, namespace, apps, writer.write);
    await writer.stop();
    // The statuses that it wrote say less than the operator's: the first start mends them, and does not count.
    await start(world, apps);
    const figures: StartFigures[] = [];
    for (let round = 0; round < rounds; round += 1) {
      figures.push(await start(world, apps));
    }
    return figures;
  } finally {
    await world.stop();
  }
}

async function start(world: World, apps: number): Promise<StartFigures> {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const operator = await world.startOperator();
  try {
    const readySeconds = seconds();
    while ((await operator.reconciled()) < apps) {
      await sleep(PAUSE_MS);
    }
    const reconciledSeconds = seconds();
    await sleep(REST_MS);
    return {
      apps,
      readySeconds,
      reconciledSeconds,
      reads: await operator.requests('GET'),
      writes: await operator.requests('POST', 'PUT', 'PATCH', 'DELETE'),
      figures: processFigures(operator),
      restingBytes: processFigures(operator).resident,
    };
  } finally {
    await operator.stop();
  }
}
