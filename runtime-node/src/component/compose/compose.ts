// Makes one component of several, as `wac plug` does: imports what none of them gives to another, holds them unchanged,
// instantiates each dependency once, then the root with what is plugged into it, and exports what the root exports.
import { cannotCompose } from './errors.ts';
import { ImportWriter } from './import-writer.ts';
import { readComponent } from './read.ts';
import type { Import } from './types.ts';
import { ComponentWriter } from './write-component.ts';

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

/** Throws UserError; ExportMismatch where an export is of another type than the import. */
export function compose(root: Uint8Array, dependencies: readonly Dependency[], plugs: readonly Plug[]): Uint8Array {
  const main = readComponent(root, 'the component');
  const others = dependencies.map(({ name, bytes }) => readComponent(bytes, `dependency "${name}"`));
  const plugged = new Map(plugs.map((plug) => [plug.import, plug]));
  const outside = new Map<string, Import>();
  for (const [name, one] of [...main.imports].filter(([key]) => !plugged.has(key))) {
    outside.set(name, one);
  }
  for (const other of others) {
    for (const [name, one] of other.imports) {
      outside.set(name, one);
    }
  }
  const writer = new ComponentWriter();
  const imports = new ImportWriter(writer, outside);
  for (const name of outside.keys()) {
    imports.argument(name);
  }
  const instances = others.map((other) =>
    writer.instantiate(
      writer.component(other.bytes),
      [...other.imports.keys()].map((name) => imports.argument(name)),
    ),
  );
  const rootArguments = [...main.imports.keys()].map((name) => {
    const plug = plugged.get(name);
    if (plug === undefined) {
      return imports.argument(name);
    }
    const instance = instances[plug.dependency];
    const sort = others[plug.dependency]?.exports.get(plug.export);
    if (instance === undefined || sort === undefined) {
      throw cannotCompose(`no dependency exports "${plug.export}"`);
    }
    return { name, sort, index: writer.aliasExport(instance, plug.export, sort) };
  });
  const instance = writer.instantiate(writer.component(main.bytes), rootArguments);
  for (const [name, sort] of main.exports) {
    writer.export(name, sort, writer.aliasExport(instance, name, sort));
  }
  return writer.finish();
}
