// How a component with dependencies becomes one component (spin-contract.md §1.6). The result runs as the component: what
// its dependencies reach of the host, they reach under its grants. The composer is loaded only when nothing is cached.
import type { LockedComponent } from '@spindle/api';
import type { ComponentRecipe } from '../../component/index.ts';
import { localPath } from '../local-path.ts';
import { deniedImports } from './capabilities.ts';
import { fieldOf, matchDependencies } from './match.ts';

/** Raise it whenever the same inputs would be composed to something else: it is part of what caches go by. */
const COMPOSITION_VERSION = 1;

const EMPTY = new Uint8Array();

export const hasDependencies = ({ dependencies = {} }: LockedComponent): boolean =>
  Object.keys(dependencies).length > 0;

export function compositionOf({ id, source, dependencies = {} }: LockedComponent): ComponentRecipe {
  const named = Object.entries(dependencies);
  const sources = [
    { field: `component.${id}.source`, source },
    ...named.map(([name, dependency]) => ({ field: fieldOf(id, name), source: dependency.source })),
  ];
  const inputs = sources.map(({ field, source: { source: url, digest } }) => ({ path: localPath(url, field), digest }));
  return {
    inputs,
    choices: JSON.stringify([COMPOSITION_VERSION, named.map(([name, { export: as, inherit }]) => [name, as, inherit])]),
    make: async (contents) => {
      const [{ toComponent }, { compose, describeExterns }] = await Promise.all([
        import('../../component/adapt/index.ts'),
        import('../../component/compose/index.ts'),
      ]);
      const [root = EMPTY, ...others] = await Promise.all(
        contents.map((bytes, index) => toComponent(bytes, { file: inputs[index]?.path ?? '' })),
      );
      const parts = named.map(([name, dependency], index) => ({ name, ...dependency, bytes: others[index] ?? EMPTY }));
      const plugs = matchDependencies(
        id,
        describeExterns(root).imports.map(({ name }) => name),
        parts.map(({ name, export: as, bytes }) => ({
          name,
          export: as,
          exports: describeExterns(bytes).exports.map((one) => one.name),
        })),
      );
      const denied = parts.map(({ name, bytes, inherit }) => ({ name, bytes, deny: deniedImports(inherit) }));
      return compose(root, denied, plugs);
    },
  };
}
