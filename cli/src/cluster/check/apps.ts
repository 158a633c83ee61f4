// The apps of a namespace, or one of them: which are not ready, and why.
import { getApp } from '../app/find.ts';
import { statusWord } from '../app/view.ts';
import { isReady } from '../deploy/wait.ts';
import { childrenOf } from '../diagnose/children.ts';
import { diagnose } from '../diagnose/diagnosis.ts';
import { SPIN_APPS, type LiveApp } from '../resources.ts';
import { call, type Session } from '../session.ts';
import { failed, note, ok, type Finding } from './finding.ts';

const CHECK = 'apps';

export async function checkApps(session: Session, name: string | undefined): Promise<Finding[]> {
  const apps =
    name === undefined
      ? (await session.client.list(SPIN_APPS, { namespace: session.namespace, ...call(session) })).items
      : [await getApp(session, name)];
  const findings: Finding[] = [];
  // One after the other: each asks four times.
  for (const app of apps.filter((one) => !isReady(one))) {
    findings.push(await findingOf(session, app));
  }
  const ready = apps.length - findings.length;
  return ready === 0 && findings.length > 0 ? findings : [ok(CHECK, `${ready} ready`), ...findings];
}

async function findingOf(session: Session, app: LiveApp): Promise<Finding> {
  const found = diagnose(app, await childrenOf(session, app));
  const { name } = app.metadata;
  return found === undefined
    ? note(CHECK, `${name}: ${statusWord(app)}`, 'It may be on its way: look again with "status".')
    : failed(
        CHECK,
        `${name}: ${found.reason}: ${found.pod === undefined ? '' : `pod ${found.pod}: `}${found.message}`,
        found.next,
      );
}
