// What the processes of an idle app's pod share of the machine's memory, seen from outside: one more process of Node inside
// would share its pages.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spinApp } from '../../cluster/testing/spin-apps.ts';
import { memory } from '../process-figures.ts';
import { NAMESPACE, type World } from './world.ts';

/** Some time after it has answered for the first time. */
const REST_MS = 20_000;

/** Bytes. */
export async function idlePod({ cluster }: World, image: string): Promise<number> {
  await cluster.apply(spinApp(NAMESPACE, 'idle', { image }));
  await cluster.kubectl('-n', NAMESPACE, 'wait', '--for=condition=Ready', '--timeout=120s', 'spinapp/idle');
  await fetch(await cluster.serviceUrl(NAMESPACE, 'idle'));
  await sleep(REST_MS);
  const bytes = processesOf(image).reduce((sum, pid) => sum + memory(pid).proportional, 0);
  await cluster.kubectl('-n', NAMESPACE, 'delete', 'spinapp/idle', '--cascade=foreground', '--timeout=120s');
  return bytes;
}

function processesOf(image: string): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const args = readFileSync(`/proc/${Number(pid)}/cmdline`, 'utf8').split('\0');
      return args.includes('up') && args.includes(image) ? [Number(pid)] : [];
    } catch {
      // expected: no process, or it has ended meanwhile.
      return [];
    }
  });
}
