// `delete`: the app and with it, by the cluster's garbage collector, what was made for it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { notConfirmed, notDoneInTime } from '../errors.ts';
import type { ClusterFlags } from '../options.ts';
import { objectName } from '../output/print.ts';
import { SPIN_APPS } from '../resources.ts';
import { call, inCluster, type Session } from '../session.ts';

const TIMEOUT_MS = 60_000;
const POLL_MS = 250;

export interface DeleteFlags extends ClusterFlags {
  readonly yes?: boolean;
  readonly wait: boolean;
}

export async function deleteApps(names: readonly string[], flags: DeleteFlags, console: Console): Promise<void> {
  const known = names.length === 0 ? [await appName(undefined, 'delete', console)] : names;
  await inCluster(flags, console, async (session) => {
    // All or none: a name that is wrong should not show after half of the work.
    const apps = await Promise.all(known.map((name) => getApp(session, name)));
    await confirm(known, flags, session);
    for (const { metadata } of apps) {
      const name = { namespace: session.namespace, name: metadata.name };
      const preconditions = metadata.uid === undefined ? {} : { preconditions: { uid: metadata.uid } };
      await session.client.delete(SPIN_APPS, name, {
        ...preconditions,
        propagationPolicy: 'Foreground',
        ...call(session),
      });
    }
    for (const name of flags.wait ? known : []) {
      await gone(session, name, flags.timeout ?? TIMEOUT_MS);
    }
    known.forEach((name) =>
      console.out(flags.output === 'name' ? objectName(SPIN_APPS, name) : `Successfully deleted ${name}`),
    );
  });
}

async function confirm(names: readonly string[], { yes }: DeleteFlags, { console, namespace }: Session): Promise<void> {
  if (yes === true) {
    return;
  }
  const what = `Delete ${names.join(', ')} in the namespace ${namespace}`;
  if (!console.canAsk) {
    throw notConfirmed(what);
  }
  const answer = await console.ask(`${what}? This action is irreversible. Are you sure? (y/N): `);
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw notConfirmed(what);
  }
}

async function gone(session: Session, name: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await session.client.find(SPIN_APPS, { namespace: session.namespace, name }, call(session))) !== undefined) {
    if (performance.now() > deadline) {
      throw notDoneInTime(
        `the deletion of ${name}`,
        Math.round(timeoutMs / 1000),
        'It goes on: "status" shows what is still there, and finalizers keep it.',
      );
    }
    await sleep(POLL_MS, undefined, { signal: session.signal });
  }
}
