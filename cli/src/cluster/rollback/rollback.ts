// `rollback`: image and variables of an earlier version, as the ReplicaSets of the app's Deployment remember them. It changes
// the SpinApp: the operator would undo a rollback of the Deployment itself.
import { APP_NAME_LABEL, type SpinVar } from '@spindle/api';
import type { Console } from '../../console.ts';
import { changeApp, undoneBy } from '../app/change.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { waitUntilReady } from '../deploy/wait.ts';
import { nothingToRollBackTo } from '../errors.ts';
import type { ClusterFlags } from '../options.ts';
import { age } from '../output/age.ts';
import { counted } from '../output/counted.ts';
import { createProgress } from '../output/progress.ts';
import { printValue } from '../output/print.ts';
import { table } from '../output/table.ts';
import { DEPLOYMENTS, REPLICA_SETS, type LiveApp } from '../resources.ts';
import { call, inCluster, type Session } from '../session.ts';
import { revisionsOf, type Revision } from './revisions.ts';

const TIMEOUT_MS = 120_000;

export interface RollbackFlags extends ClusterFlags {
  readonly toRevision?: number;
  readonly list?: boolean;
  readonly wait: boolean;
}

export async function rollback(name: string | undefined, flags: RollbackFlags, console: Console): Promise<void> {
  const known = await appName(name, 'roll back', console);
  await inCluster(flags, console, async (session) => {
    const app = await getApp(session, known);
    const revisions = await rememberedRevisions(session, app);
    if (flags.list === true) {
      await print(revisions, flags, console);
      return;
    }
    const target = chosen(revisions, flags.toRevision, { namespace: session.namespace, name: known });
    if (target.image === app.spec.image && sameVariables(target.variables, app.spec.variables ?? [])) {
      throw nothingToRollBackTo(
        { namespace: session.namespace, name: known },
        `revision ${target.number} has the same image and variables, and of other fields nothing is remembered`,
      );
    }
    const progress = createProgress(known, flags, console);
    const undoing = undoneBy(app, 'image');
    const changed = await changeApp(
      session,
      app,
      { image: target.image, variables: target.variables.length === 0 ? undefined : target.variables },
      { force: true },
    );
    progress.say(
      'applied',
      `image ${changed.spec.image} and ${counted(target.variables.length, 'variable')} of revision ${target.number}`,
    );
    if (undoing !== undefined) {
      console.err(`${undoing} sets spec.image too, and will put its own back: change it there.`);
    }
    if (flags.wait) {
      await waitUntilReady(session, known, { timeoutMs: flags.timeout ?? TIMEOUT_MS, progress });
    }
  });
}

async function rememberedRevisions(session: Session, app: LiveApp): Promise<Revision[]> {
  const { client, namespace } = session;
  const { name } = app.metadata;
  const deployment = await client.find(DEPLOYMENTS, { namespace, name }, call(session));
  const { items } = await client.list(REPLICA_SETS, {
    namespace,
    labelSelector: `${APP_NAME_LABEL}=${name}`,
    ...call(session),
  });
  return revisionsOf(app, deployment, items);
}

function chosen(
  revisions: readonly Revision[],
  wanted: number | undefined,
  place: { readonly namespace: string; readonly name: string },
): Revision {
  const found =
    wanted === undefined
      ? revisions.filter(({ isCurrent }) => !isCurrent)[0]
      : revisions.find(({ number }) => number === wanted);
  if (found === undefined) {
    throw nothingToRollBackTo(
      place,
      wanted === undefined ? 'its Deployment remembers no earlier version' : `there is no revision ${wanted}`,
    );
  }
  return found;
}

const sameVariables = (one: readonly SpinVar[], other: readonly SpinVar[]): boolean => texts(one) === texts(other);

const texts = (variables: readonly SpinVar[]): string =>
  JSON.stringify(variables.map(({ name, value, valueFrom }) => [name, valueFrom ?? value ?? '']).toSorted());

async function print(revisions: readonly Revision[], flags: RollbackFlags, console: Console): Promise<void> {
  if (flags.output === 'json') {
    await printValue(revisions, 'json', console);
    return;
  }
  const now = new Date();
  table([
    ['REVISION', 'IMAGE', 'VARIABLES', 'AGE'],
    ...revisions.map(({ number, image, variables, created, isCurrent }) => [
      `${number}${isCurrent ? ' (current)' : ''}`,
      image,
      String(variables.length),
      age(created, now),
    ]),
  ]).forEach((line) => console.out(line));
}
