// `list` and `get`: apps as a table or as objects.
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { conditionOf, readyOf, REVISION_ANNOTATION, statusWord, toneOf, urlOf } from '../app/view.ts';
import type { ClusterFlags } from '../options.ts';
import { age } from '../output/age.ts';
import { asList, objectName, printValue, typedObject } from '../output/print.ts';
import { painter, type Paint } from '../output/style.ts';
import { table } from '../output/table.ts';
import { DEPLOYMENTS, SPIN_APPS, type Deployment, type LiveApp } from '../resources.ts';
import { call, inCluster, type Session } from '../session.ts';
import { APP_NAME_LABEL } from '@spindle/api';

export interface ListFlags extends ClusterFlags {
  readonly selector?: string;
}

export async function list(flags: ListFlags, console: Console): Promise<void> {
  await inCluster(flags, console, async (session) => {
    const { items } = await session.client.list(SPIN_APPS, {
      ...(session.selected === undefined ? {} : { namespace: session.selected }),
      ...(flags.selector === undefined ? {} : { labelSelector: flags.selector }),
      ...call(session),
    });
    if (flags.output === 'json' || flags.output === 'yaml') {
      await printValue(asList(items), flags.output, console);
    } else if (items.length === 0 && flags.output !== 'name') {
      console.err(
        `No SpinApps ${session.selected === undefined ? 'in any namespace' : `in the namespace ${session.selected}`}.`,
      );
    } else {
      await printApps(items, flags, session);
    }
  });
}

export async function get(name: string | undefined, flags: ClusterFlags, console: Console): Promise<void> {
  const known = await appName(name, 'get', console);
  await inCluster(flags, console, async (session) => {
    const app = await getApp(session, known);
    await (flags.output === 'json' || flags.output === 'yaml'
      ? printValue(typedObject(SPIN_APPS, app), flags.output, console)
      : printApps([app], flags, session));
  });
}

async function printApps(apps: readonly LiveApp[], flags: ClusterFlags, session: Session): Promise<void> {
  const { console } = session;
  if (flags.output === 'name') {
    apps.forEach(({ metadata }) => console.out(objectName(SPIN_APPS, metadata.name)));
    return;
  }
  const isWide = flags.output === 'wide';
  const context: RowContext = {
    now: new Date(),
    paint: painter(console, flags.color),
    all: flags.allNamespaces === true,
    revisions: isWide ? await revisionsOf(session) : undefined,
  };
  const head = [
    ...(context.all ? ['NAMESPACE'] : []),
    'NAME',
    'READY',
    'STATUS',
    'EXECUTOR',
    'AGE',
    ...(isWide ? ['IMAGE', 'REVISION', 'URL', 'MESSAGE'] : []),
  ];
  table([...(flags.quiet === true ? [] : [head]), ...apps.map((app) => row(app, context))]).forEach((line) =>
    console.out(line),
  );
}

interface RowContext {
  readonly now: Date;
  readonly paint: Paint;
  readonly all: boolean;
  /** By namespace/name; undefined when the table is not wide. */
  readonly revisions: ReadonlyMap<string, string> | undefined;
}

function row(app: LiveApp, { now, paint, all, revisions }: RowContext): string[] {
  const { metadata, spec, status } = app;
  return [
    ...(all ? [metadata.namespace ?? ''] : []),
    metadata.name,
    readyOf(app),
    paint(toneOf(app), statusWord(app)),
    (spec.executor || status?.activeScheduler) ?? '',
    age(metadata.creationTimestamp, now),
    ...(revisions === undefined
      ? []
      : [
          spec.image,
          revisions.get(`${metadata.namespace}/${metadata.name}`) ?? '',
          urlOf(app) ?? '',
          conditionOf(app, 'Ready')?.message ?? '',
        ]),
  ];
}

async function revisionsOf(session: Session): Promise<ReadonlyMap<string, string>> {
  const { items } = await session.client.list<Deployment>(DEPLOYMENTS, {
    ...(session.selected === undefined ? {} : { namespace: session.selected }),
    labelSelector: APP_NAME_LABEL,
    metadataOnly: true,
    ...call(session),
  });
  return new Map(
    items.map(({ metadata: { namespace, name, annotations } }) => [
      `${namespace}/${name}`,
      annotations?.[REVISION_ANNOTATION] ?? '',
    ]),
  );
}
