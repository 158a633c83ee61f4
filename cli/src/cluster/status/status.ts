// `status`: one app with its pods, what happened last, and if it is not ready, why and what to do.
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { readyOf, statusWord, toneOf, urlOf } from '../app/view.ts';
import { childrenOf, lastSeen, type Children } from '../diagnose/children.ts';
import { diagnose, type Diagnosis } from '../diagnose/diagnosis.ts';
import type { ClusterFlags } from '../options.ts';
import { age } from '../output/age.ts';
import { printValue } from '../output/print.ts';
import { painter, type Paint } from '../output/style.ts';
import { table } from '../output/table.ts';
import type { LiveApp, Pod } from '../resources.ts';
import { inCluster } from '../session.ts';
import { podState } from './pod-state.ts';

/** What fits on a screen. */
const EVENTS_SHOWN = 5;

export async function status(name: string | undefined, flags: ClusterFlags, console: Console): Promise<void> {
  const known = await appName(name, 'look at', console);
  await inCluster(flags, console, async (session) => {
    const app = await getApp(session, known);
    const children = await childrenOf(session, app);
    const diagnosis = diagnose(app, children);
    if (flags.output === 'json' || flags.output === 'yaml') {
      await printValue(asData(app, children, diagnosis), flags.output, console);
      return;
    }
    const paint = painter(console, flags.color);
    statusLines(app, children, diagnosis, new Date(), paint).forEach((line) => console.out(line));
  });
}

/** `version` counts up when a field goes or changes its meaning. */
function asData(app: LiveApp, { pods, events }: Children, diagnosis: Diagnosis | undefined): object {
  const { metadata, spec, status: seen } = app;
  return {
    kind: 'AppStatus',
    version: 1,
    name: metadata.name,
    namespace: metadata.namespace,
    status: statusWord(app),
    ready: seen?.readyReplicas ?? 0,
    desired: spec.suspend === true ? 0 : (spec.replicas ?? seen?.replicas ?? 0),
    image: spec.image,
    executor: spec.executor ?? seen?.activeScheduler,
    url: urlOf(app),
    conditions: seen?.conditions ?? [],
    ...(diagnosis === undefined ? {} : { diagnosis }),
    pods: pods.map((pod) => ({ name: pod.metadata.name, ...podState(pod), node: pod.spec?.nodeName })),
    events: events.map((event) => ({
      time: lastSeen(event),
      type: event.type,
      reason: event.reason,
      object: `${event.involvedObject?.kind}/${event.involvedObject?.name}`,
      message: event.message,
    })),
  };
}

export function statusLines(
  app: LiveApp,
  { pods, events }: Children,
  diagnosis: Diagnosis | undefined,
  now: Date,
  paint: Paint,
): string[] {
  const { metadata, spec, status: seen } = app;
  const facts = table([
    ['Name:', `${metadata.namespace}/${metadata.name}`],
    ['Status:', `${paint(toneOf(app), statusWord(app))}, ${readyOf(app)} ready`],
    ['Image:', spec.image],
    ['Executor:', (spec.executor || seen?.activeScheduler) ?? ''],
    ...(urlOf(app) === undefined ? [] : [['URL:', urlOf(app) ?? '']]),
    ['Age:', age(metadata.creationTimestamp, now)],
  ]);
  return [
    ...facts,
    ...(diagnosis === undefined ? [] : problemLines(diagnosis, paint)),
    ...(pods.length === 0 ? [] : ['', ...podTable(pods, now)]),
    ...(events.length === 0 ? [] : ['', ...eventLines(events.slice(-EVENTS_SHOWN), now)]),
  ];
}

const problemLines = ({ reason, message, pod, next }: Diagnosis, paint: Paint): string[] => [
  '',
  paint('bad', reason),
  ...`${pod === undefined ? '' : `pod ${pod}: `}${message}`.split('\n').map((text) => `  ${text}`),
  `  ${next}`,
];

const podTable = (pods: readonly Pod[], now: Date): string[] =>
  table([
    ['POD', 'READY', 'STATUS', 'RESTARTS', 'NODE', 'AGE'],
    ...pods.map((pod) => {
      const { ready, state, restarts } = podState(pod);
      const node = pod.spec?.nodeName ?? '';
      return [
        pod.metadata.name ?? '',
        ready ? 'yes' : 'no',
        state,
        String(restarts),
        node,
        age(pod.metadata.creationTimestamp, now),
      ];
    }),
  ]);

export const eventLines = (events: Children['events'], now: Date): string[] =>
  table([
    ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
    ...events.map((event) => [
      age(lastSeen(event), now),
      event.type ?? '',
      event.reason ?? '',
      `${event.involvedObject?.kind?.toLowerCase()}/${event.involvedObject?.name}`,
      (event.message ?? '').trim().replaceAll(/\s*\n\s*/g, ' '),
    ]),
  ]);
