// `logs --component`: a pod writes one log for all its components, so components can be told apart only where an app runs a
// selection of them (spec.components).
import { cannotTellApart, noSuchComponent } from '../errors.ts';
import { SPIN_APPS, type LiveApp } from '../resources.ts';
import { call, type Session } from '../session.ts';

export async function appsWithComponent(
  session: Session,
  component: string,
  named: LiveApp | undefined,
): Promise<readonly LiveApp[]> {
  const apps =
    named === undefined
      ? (await session.client.list(SPIN_APPS, { namespace: session.namespace, ...call(session) })).items
      : [named];
  const only = apps.filter(({ spec }) => spec.components?.length === 1 && spec.components[0] === component);
  if (only.length > 0) {
    return only;
  }
  const mixed = apps.find(({ spec }) => spec.components === undefined || spec.components.includes(component));
  if (named === undefined ? apps.every(({ spec }) => spec.components === undefined) : mixed !== undefined) {
    throw cannotTellApart(component, (named ?? mixed)?.metadata.name);
  }
  throw noSuchComponent(component, [...new Set(apps.flatMap(({ spec }) => spec.components ?? []))]);
}
