// How a component with dependencies becomes one component (spin-contract.md §1.6). The result runs as the component: what
// its dependencies reach of the host, they reach under its grants. The composer is loaded only when nothing is cached.
import { UserError, type ErrorPlace, type LockedComponent } from '@spindle/api';
import type { Externs } from '../../component/compose/index.ts';
import type { ComponentRecipe } from '../../component/index.ts';
import { localPath } from '../local-path.ts';
import { deniedImports } from './capabilities.ts';
import { fieldOf, matchDependencies } from './match.ts';
import { middlewareOf, putRound } from './middleware.ts';

/** Raise it whenever the same inputs would be composed to something else: it is part of what caches go by. */
const COMPOSITION_VERSION = 2;

export const hasDependencies = (component: LockedComponent): boolean =>
  Object.keys(component.dependencies ?? {}).length > 0 || middlewareOf(component).length > 0;

export function compositionOf(component: LockedComponent): ComponentRecipe {
  const { id, source, dependencies = {} } = component;
  const named = Object.entries(dependencies);
  const middleware = middlewareOf(component);
  const sources = [
    { field: `component.${id}.source`, source },
    ...named.map(([name, dependency]) => ({ field: fieldOf(id, name), source: dependency.source })),
    ...middleware.map((one) => ({ field: `component.${id}.trigger_dependencies`, source: one.source })),
  ];
  const inputs = sources.map(({ field, source: { source: url, digest } }) => ({ path: localPath(url, field), digest }));
  return {
    inputs,
    choices: JSON.stringify([
      COMPOSITION_VERSION,
      named.map(([name, { export: as, inherit }]) => [name, as, inherit]),
      middleware.map(({ inherit }) => inherit),
    ]),
    make: async (contents) => {
      const [{ toComponent }, { compose, describeExterns }] = await Promise.all([
        import('../../component/adapt/index.ts'),
        import('../../component/compose/index.ts'),
      ]);
      const [root = NOTHING, ...others] = await Promise.all(
        contents.map(async (content, index): Promise<Part> => {
          const file = inputs[index]?.path ?? '';
          const bytes = await toComponent(content, { file });
          return { bytes, externs: placed({ file }, () => describeExterns(bytes, `the component ${file}`)) };
        }),
      );
      const parts = named.map(([name, dependency], index) => ({ name, dependency, ...(others[index] ?? NOTHING) }));
      const plugs = matchDependencies(
        id,
        namesOf(root.externs.imports),
        parts.map(({ name, dependency, externs }) => ({
          name,
          export: dependency.export,
          exports: namesOf(externs.exports),
        })),
      );
      const given = parts.map(({ name, dependency, bytes }) => ({
        name,
        bytes,
        deny: deniedImports(dependency.inherit),
      }));
      const whole =
        named.length === 0
          ? root.bytes
          : placed({ field: `component.${id}.dependencies` }, () => compose(root.bytes, given, plugs));
      const layers = middleware.map((one, index) => ({ ...(others[named.length + index] ?? NOTHING), ...one }));
      // The last goes round the component itself.
      return placed({ field: `component.${id}.trigger_dependencies` }, () =>
        layers.reduceRight(
          (inner, { bytes, inherit }) => putRound(compose, bytes, inner, deniedImports(inherit)),
          whole,
        ),
      );
    },
  };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly externs: Externs;
}

/** Stands for what `inputs` has no file of, which does not happen. */
const NOTHING: Part = { bytes: new Uint8Array(), externs: { imports: [], exports: [] } };

const namesOf = (externs: readonly { readonly name: string }[]): string[] => externs.map(({ name }) => name);

/** A mistake that is found in the bytes, with the place that the user knows. */
function placed<Result>(place: ErrorPlace, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    const { message, code, remedy } = error;
    throw new UserError(message, {
      code,
      ...error.place,
      ...place,
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    });
  }
}
