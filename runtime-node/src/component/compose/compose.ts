// Makes one component of several, as `wac plug` does: imports what none of them gives to another, holds them unchanged,
// instantiates each dependency once, then the root with what is plugged into it, and exports what the root exports.
import { checkPlugs } from './check-plugs.ts';
import { Composition } from './composition.ts';
import { denialsOf } from './denials.ts';
import { elaborate } from './elaborate.ts';
import { cannotCompose } from './errors.ts';
import { localise, strangerIn } from './localise.ts';
import { mergeImports } from './merge.ts';
import { readComponent, type ReadComponent } from './read.ts';
import { spokenOf } from './spoken-of.ts';
import type { Import } from './types.ts';
import { renamed, unify } from './unify.ts';

export interface Dependency {
  /** For messages. */
  readonly name: string;
  /** A component. */
  readonly bytes: Uint8Array;
  /** Whether an import of the dependency is given to it only in name, so that a call of its functions traps. */
  readonly deny: (importName: string) => boolean;
}

export interface Plug {
  /** Of the root. */
  readonly import: string;
  /** Index of the dependency that satisfies it. */
  readonly dependency: number;
  /** Of the dependency. */
  readonly export: string;
}

/** Everything is given. */
const DENY_NOTHING: Dependency['deny'] = () => false;

/**
 * Throws UserError; ExportMismatch where an export is of another type than the import. `denyRoot`: what of the host is given
 * to the root in name only, as to a dependency.
 */
export function compose(
  root: Uint8Array,
  dependencies: readonly Dependency[],
  plugs: readonly Plug[],
  denyRoot: Dependency['deny'] = DENY_NOTHING,
): Uint8Array {
  const main = readComponent(root, 'the component');
  const others = dependencies.map(({ name, bytes, deny }) => {
    const component = readComponent(bytes, `dependency "${name}"`);
    const denied = denialsOf(component.imports, deny);
    return { name, component, denied, isHosts: (importName: string) => !denied.has(importName) };
  });
  const plugged = pluggedInto(
    main,
    others.map(({ component }) => component),
    plugs,
  );
  const elaborated = others.map((other) => ({ ...other, component: elaborate(other.component) }));
  const whole = elaborate(main);
  const satisfiedImports = [...main.imports.values()].filter(({ name }) => plugged.has(name));
  const deniedToRoot = denialsOf(main.imports, (name) => !plugged.has(name) && denyRoot(name));
  const hosts = [
    { called: main.called, imports: ofTheHost(main, (name) => !plugged.has(name) && !deniedToRoot.has(name)) },
    ...others.map(({ component, isHosts }) => ({ called: component.called, imports: ofTheHost(component, isHosts) })),
  ];
  const unified = unify(
    satisfiedImports.map(({ type }) => type),
    hosts.map(({ imports }) => imports),
  );
  checkPlugs(
    plugs.map((plug) => ({
      ...plug,
      type: (main.imports.get(plug.import) as Import).type,
      dependency: elaborated[plug.dependency] as (typeof elaborated)[number],
    })),
    unified,
  );
  const outside = mergeImports(
    hosts.map(({ called, imports }) => ({ called, imports: imports.map((one) => renamed(one, unified)) })),
  );
  const composition = new Composition(outside, unified);
  const instances = others.map(({ component, denied }) => composition.dependency(component, denied));
  const satisfied = new Map(
    plugs.map((plug) => [plug.import, { instance: instances[plug.dependency] as number, export: plug.export }]),
  );
  return composition.root(main, satisfied, {
    exposed: spokenOf(whole, satisfiedImports),
    denied: deniedToRoot,
  });
}

/** By name of the import. */
function pluggedInto(
  main: ReadComponent,
  others: readonly ReadComponent[],
  plugs: readonly Plug[],
): ReadonlyMap<string, Plug> {
  const plugged = new Map<string, Plug>();
  for (const plug of plugs) {
    const name = plug.import;
    const wanted = main.imports.get(name);
    const other = others[plug.dependency];
    if (other === undefined) {
      throw new RangeError(`a plug names dependency ${plug.dependency} of ${others.length}`);
    }
    if (wanted === undefined) {
      throw cannotCompose(`the component has no import "${name}" that ${other.called} could satisfy`);
    }
    if (wanted.type.kind === 'named') {
      throw cannotCompose(`the import "${name}" is a type by itself, which no dependency can satisfy`);
    }
    if (plugged.has(name)) {
      throw cannotCompose(`the import "${name}" is satisfied twice`);
    }
    if (!other.exports.has(plug.export)) {
      throw cannotCompose(`${other.called} does not export "${plug.export}" to satisfy the import "${name}"`);
    }
    plugged.set(name, plug);
  }
  return plugged;
}

/** What is left to the host, naming no types but the host's. */
function ofTheHost(component: ReadComponent, isHosts: (importName: string) => boolean): readonly Import[] {
  const isHere = (home: string): boolean => home === '' || isHosts(home);
  return [...component.imports.values()]
    .filter(({ name }) => isHosts(name))
    .flatMap((one) => {
      const stranger = strangerIn(one, isHere);
      if (stranger !== undefined) {
        throw cannotCompose(
          `import "${one.name}" of ${component.called} takes or gives the resource "${stranger.name}" of ` +
            `"${stranger.home}", which a dependency satisfies: then one has to satisfy both`,
        );
      }
      return localise(one, isHere, (name) => component.imports.has(name));
    });
}
