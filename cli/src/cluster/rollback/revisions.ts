// The versions of an app that its Deployment remembers: what their ReplicaSets say of image and variables. Pure.
import { variableEnvironmentName, type SpinVar } from '@spindle/api';
import type { Container, Deployment, LiveApp, ReplicaSet } from '../resources.ts';
import { REVISION_ANNOTATION } from '../app/view.ts';

export interface Revision {
  readonly number: number;
  readonly image: string;
  readonly variables: readonly SpinVar[];
  readonly created: string | undefined;
  readonly isCurrent: boolean;
}

const VARIABLE_PREFIX = variableEnvironmentName('');

/** Newest first. */
export function revisionsOf(app: LiveApp, deployment: Deployment | undefined, sets: readonly ReplicaSet[]): Revision[] {
  const current = Number(deployment?.metadata.annotations?.[REVISION_ANNOTATION]);
  return sets
    .flatMap((set) => {
      const number = Number(set.metadata.annotations?.[REVISION_ANNOTATION]);
      const [container] = set.spec?.template?.spec?.containers ?? [];
      const image = container && imageOf(container);
      return container === undefined || image === undefined || !(number > 0)
        ? []
        : [
            {
              number,
              image,
              variables: variablesOf(container, app),
              created: set.metadata.creationTimestamp,
              isCurrent: number === current,
            },
          ];
    })
    .toSorted((one, other) => other.number - one.number);
}

/** The container's own for the shim; where an image runs Spin or Spindle, what `up -f` names. */
function imageOf({ image, args = [] }: Container): string | undefined {
  const from = args[0] === 'up' ? args.indexOf('-f') : -1;
  return from === -1 ? image : args[from + 1];
}

/** Names are in upper case there: those that the app has now keep their own spelling. */
function variablesOf({ env = [] }: Container, { spec }: LiveApp): SpinVar[] {
  const spelling = new Map((spec.variables ?? []).map(({ name }) => [variableEnvironmentName(name), name]));
  return env
    .filter(({ name }) => name.startsWith(VARIABLE_PREFIX))
    .map(({ name, value, valueFrom }) => ({
      name: spelling.get(name) ?? name.slice(VARIABLE_PREFIX.length).toLowerCase(),
      ...(valueFrom === undefined
        ? { value: value ?? '' }
        : { valueFrom: valueFrom as NonNullable<SpinVar['valueFrom']> }),
    }));
}
