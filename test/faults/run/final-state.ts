// The state of a namespace in a form in which two runs of the same scenario are equal: without what no two objects share.
// Generations stay: they count the changes of a Deployment's spec, and so the rollouts.
import type { KubeClient, KubeObject } from '@spindle/kube';
import { COMPARED } from './world.ts';

/** By `Kind/name`. */
export type State = Readonly<Record<string, unknown>>;

export interface Seen {
  readonly objects: readonly KubeObject[];
  readonly state: State;
}

const VARYING = new Set([
  'resourceVersion',
  'creationTimestamp',
  'time',
  'lastTransitionTime',
  'clusterIP',
  'clusterIPs',
]);
const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

export async function look(client: KubeClient, namespace: string): Promise<Seen> {
  const lists = await Promise.all(
    COMPARED.map(async (type) =>
      (await client.list(type, { namespace })).items.map((item) => ({ ...item, kind: type.kind })),
    ),
  );
  const objects = lists.flat();
  return { objects, state: stateOf(objects, namespace) };
}

/** An uid is told by whose it is, so that an owner that is there differs from one that has gone. */
export function stateOf(objects: readonly KubeObject[], namespace: string): State {
  const names = new Map(objects.map(({ kind, metadata }) => [metadata.uid ?? '', `${kind}/${metadata.name}`]));
  const within = new RegExp(`\\b${namespace}\\b`, 'g');
  return Object.fromEntries(
    objects.map((object) => {
      const { managedFields = [] } = object.metadata;
      // The order in which they came says nothing.
      const metadata = {
        ...object.metadata,
        managedFields: managedFields.map((one) => JSON.stringify(without(one))).toSorted(),
      };
      const text = JSON.stringify(without({ ...object, metadata }))
        .replaceAll(within, '<ns>')
        .replaceAll(UID, (uid) => `<${names.get(uid) ?? 'gone'}>`);
      return [`${object.kind}/${object.metadata.name}`, JSON.parse(text)];
    }),
  );
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(without);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).flatMap(([name, part]) => (VARYING.has(name) ? [] : [[name, without(part)]])),
      )
    : value;
}

/**
 * For a run in which a server that is behind was believed for a while: a rollout more is allowed there, and what is left of
 * a field manager that shares a field.
 */
export const withoutHistory = (state: State): State =>
  JSON.parse(JSON.stringify(state), (name, value: unknown) => (HISTORY.has(name) ? undefined : value)) as State;

const HISTORY = new Set(['generation', 'observedGeneration', 'managedFields']);

/** Where two values differ, as text. */
export function differences(expected: unknown, found: unknown, path = ''): string[] {
  if (isObject(expected) && isObject(found)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...names].flatMap((name) => differences(expected[name], found[name], `${path}.${name}`));
  }
  return JSON.stringify(expected) === JSON.stringify(found)
    ? []
    : [`${path}: ${excerpt(expected)} is expected, and it is ${excerpt(found)}`];
}

/** A line of a report. */
const MAX_EXCERPT = 200;
const excerpt = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, MAX_EXCERPT);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
