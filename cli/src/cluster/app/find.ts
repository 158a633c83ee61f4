// Reads an app; that there is none is an error that says what there is.
import { noSuchApp } from '../errors.ts';
import { SPIN_APPS, type LiveApp } from '../resources.ts';
import { call, type Session } from '../session.ts';

/** As many names as fit into an error. */
const NAMES_SHOWN = 10;

export async function getApp(session: Session, name: string): Promise<LiveApp> {
  const { client, namespace } = session;
  return (await client.find(SPIN_APPS, { namespace, name }, call(session))) ?? (await missing(session, name));
}

async function missing(session: Session, name: string): Promise<never> {
  const { client, namespace } = session;
  // Without the definitions this is what says so.
  const { items } = await client.page(SPIN_APPS, { namespace, limit: NAMES_SHOWN, ...call(session) });
  throw noSuchApp(
    { namespace, name },
    items.map(({ metadata }) => metadata.name),
  );
}
