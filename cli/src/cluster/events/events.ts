// `events`: what the cluster has noted of an app, its Deployment and its pods; with --follow also what comes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { childrenOf, lastSeen } from '../diagnose/children.ts';
import type { ClusterFlags } from '../options.ts';
import { asList, printValue } from '../output/print.ts';
import type { Event } from '../resources.ts';
import { inCluster } from '../session.ts';
import { eventLines } from '../status/status.ts';

const POLL_MS = 1000;

export interface EventsFlags extends ClusterFlags {
  readonly follow?: boolean;
}

export async function events(name: string | undefined, flags: EventsFlags, console: Console): Promise<void> {
  const known = await appName(name, 'look at', console);
  await inCluster(flags, console, async (session) => {
    const app = await getApp(session, known);
    const first = (await childrenOf(session, app)).events;
    await print(first, flags, console, true);
    const seen = new Set(first.map(id));
    while (flags.follow === true && !session.signal.aborted) {
      await sleep(POLL_MS, undefined, { signal: session.signal }).catch(() => {
        // expected: Ctrl-C is how this ends.
      });
      if (session.signal.aborted) {
        return;
      }
      const fresh = (await childrenOf(session, app)).events.filter((event) => !seen.has(id(event)));
      fresh.forEach((event) => seen.add(id(event)));
      await print(fresh, flags, console, false);
    }
  });
}

/** Once more of the same is news. */
const id = (event: Event): string => `${event.metadata.uid} ${event.count ?? 1} ${lastSeen(event)}`;

async function print(found: readonly Event[], flags: EventsFlags, console: Console, isFirst: boolean): Promise<void> {
  if (flags.output === 'json' || flags.output === 'yaml') {
    if (isFirst || found.length > 0) {
      await printValue(asList(found), flags.output, console);
    }
    return;
  }
  if (found.length === 0) {
    if (isFirst && flags.follow !== true) {
      console.err('No events. A cluster keeps them for an hour.');
    }
    return;
  }
  eventLines(found, new Date())
    .slice(isFirst && flags.quiet !== true ? 0 : 1)
    .forEach((line) => console.out(line));
}
