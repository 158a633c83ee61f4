// A scenario as a value: what there is before, what a user does then, and what has to be seen of the end of it.
import type { KubeObject } from '@spindle/kube';
import type { World } from '../run/world.ts';

export interface Scenario {
  readonly name: string;
  /** Up to a state in which nothing is left to do. No faults yet. */
  readonly given: (world: World) => Promise<void>;
  /** Faults are made from here on. */
  readonly act: (world: World) => Promise<void>;
  /** Part of the end, so that a run without faults is not believed blindly. */
  readonly shows: (end: End) => unknown;
  readonly expected: unknown;
}

export interface End {
  /** A field of a live object, e.g. `spec.template.spec.containers.0.image`; undefined when there is none. */
  at(kind: string, name: string, path: string): unknown;
  names(kind: string): readonly string[];
}

export const endOf = (objects: readonly KubeObject[]): End => ({
  at: (kind, name, path) =>
    path.split('.').reduce<unknown>(
      (value, field) =>
        typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined,
      objects.find((object) => object.kind === kind && object.metadata.name === name),
    ),
  names: (kind) => objects.flatMap((object) => (object.kind === kind ? [object.metadata.name ?? ''] : [])).toSorted(),
});
