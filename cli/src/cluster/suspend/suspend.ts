// `suspend` and `resume`: no pods for a while, and afterwards as before (spec.suspend, which only Spindle's operator honours).
import type { Console } from '../../console.ts';
import { changeApp, undoneBy } from '../app/change.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { conditionOf, isObserved } from '../app/view.ts';
import { isReady, waitUntilReady } from '../deploy/wait.ts';
import { createProgress } from '../output/progress.ts';
import type { ClusterFlags } from '../options.ts';
import type { LiveApp } from '../resources.ts';
import { inCluster } from '../session.ts';

const TIMEOUT_MS = 120_000;

export interface SuspendFlags extends ClusterFlags {
  readonly wait: boolean;
}

export async function setSuspended(
  name: string | undefined,
  suspended: boolean,
  flags: SuspendFlags,
  console: Console,
): Promise<void> {
  const known = await appName(name, suspended ? 'suspend' : 'resume', console);
  await inCluster(flags, console, async (session) => {
    const live = await getApp(session, known);
    const progress = createProgress(known, flags, console);
    // Given up rather than false, unless that is somebody else's field: nothing is left of a suspension.
    let app = await changeApp(session, live, { suspend: suspended ? true : undefined }, { force: true });
    if (!suspended && app.spec.suspend === true) {
      app = await changeApp(session, app, { suspend: false }, { force: true });
    }
    progress.say('applied', suspended ? 'suspended' : 'resumed');
    const undoing = undoneBy(live, 'suspend');
    if (undoing !== undefined) {
      console.err(`${undoing} sets spec.suspend too, and will put its own value back: change it there.`);
    }
    if (flags.wait) {
      await waitUntilReady(session, known, {
        timeoutMs: flags.timeout ?? TIMEOUT_MS,
        progress,
        isDone: suspended ? isSuspended : isResumed,
      });
    }
  });
}

const isSuspended = (app: LiveApp): boolean => isObserved(app) && conditionOf(app, 'Ready')?.reason === 'Suspended';
const isResumed = (app: LiveApp): boolean => isReady(app) && conditionOf(app, 'Ready')?.reason !== 'Suspended';
