// `scale`: how many pods, through the scale subresource, as `kubectl scale`; Spindle's own then leaves the number alone.
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { autoscaled } from '../errors.ts';
import { counted } from '../output/counted.ts';
import { createProgress } from '../output/progress.ts';
import type { ClusterFlags } from '../options.ts';
import { SPIN_APPS } from '../resources.ts';
import { call, inCluster } from '../session.ts';
import { isReady, waitUntilReady } from '../deploy/wait.ts';

const TIMEOUT_MS = 120_000;

export interface ScaleFlags extends ClusterFlags {
  readonly wait: boolean;
}

export async function scale(name: string, replicas: number, flags: ScaleFlags, console: Console): Promise<void> {
  await inCluster(flags, console, async (session) => {
    const app = await getApp(session, name);
    if (app.spec.enableAutoscaling === true) {
      throw autoscaled({ namespace: session.namespace, name });
    }
    const progress = createProgress(name, flags, console);
    await session.client.scale(SPIN_APPS, { namespace: session.namespace, name }, replicas, call(session));
    progress.say('applied', `${counted(replicas, 'replica')}, ${app.spec.replicas ?? 0} before`);
    if (app.spec.suspend === true) {
      console.err(`${name} is suspended: the number counts when it is resumed.`);
    } else if (flags.wait) {
      await waitUntilReady(session, name, {
        timeoutMs: flags.timeout ?? TIMEOUT_MS,
        progress,
        isDone: (now) => isReady(now) && now.spec.replicas === replicas && (now.status?.replicas ?? 0) === replicas,
      });
    }
  });
}
