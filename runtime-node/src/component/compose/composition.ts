// The outer component as it is written: its imports, the components within it, and their instances.
import type { Denied } from './deny.ts';
import { ImportWriter } from './import-writer.ts';
import type { ReadComponent } from './read.ts';
import type { Import } from './types.ts';
import type { Unified } from './unify.ts';
import { ComponentWriter, type Argument } from './write-component.ts';

/** An export of an instance made before. */
export interface Plugged {
  readonly instance: number;
  readonly export: string;
}

export class Composition {
  readonly #writer = new ComponentWriter();
  readonly #imports: ImportWriter;
  readonly #unified: Unified;
  readonly #nested: { readonly bytes: Uint8Array; readonly index: number }[] = [];

  constructor(outside: ReadonlyMap<string, Import>, unified: Unified) {
    this.#unified = unified;
    this.#imports = new ImportWriter(this.#writer, outside);
    for (const name of outside.keys()) {
      this.#imports.argument(name);
    }
  }

  /** Gives the index of the instance. */
  dependency({ bytes, imports }: ReadComponent, denied: ReadonlyMap<string, Denied>): number {
    const standIns = this.#standIns(imports, denied);
    return this.#instantiate(
      bytes,
      [...imports.keys()].map((name) => standIns.get(name) ?? this.#fromHost(name)),
    );
  }

  /** What stands for the imports that are denied, by name. */
  #standIns(imports: ReadonlyMap<string, Import>, denied: ReadonlyMap<string, Denied>): ReadonlyMap<string, Argument> {
    const standIns = new Map<string, Argument>();
    const argument = (name: string): Argument => standIns.get(name) ?? this.#fromHost(name);
    // In the order of the imports, which is that of need.
    for (const [name, { bytes: standIn, needs }] of denied) {
      const instance = this.#instantiate(standIn, needs.map(argument));
      const { type } = imports.get(name) as Import;
      standIns.set(
        name,
        type.kind === 'func'
          ? { name, sort: 'func', index: this.#writer.aliasExport(instance, name, 'func') }
          : { name, sort: 'instance', index: instance },
      );
    }
    return standIns;
  }

  /**
   * Instantiates it, exports all that it exports, and gives the whole. `plugged` by name of the import; `exposed` names
   * those of them that have to be exported too.
   */
  root(
    { bytes, imports, exports }: ReadComponent,
    plugged: ReadonlyMap<string, Plugged>,
    { exposed, denied }: { readonly exposed: readonly string[]; readonly denied: ReadonlyMap<string, Denied> },
  ): Uint8Array {
    const standIns = this.#standIns(imports, denied);
    const args = [...imports.values()].map(({ name, type }): Argument => {
      const plug = plugged.get(name);
      if (plug === undefined) {
        return standIns.get(name) ?? this.#fromHost(name);
      }
      const sort = type.kind === 'func' ? 'func' : 'instance';
      return { name, sort, index: this.#writer.aliasExport(plug.instance, plug.export, sort) };
    });
    const instance = this.#instantiate(bytes, args);
    for (const { name, index } of args) {
      if (exposed.includes(name) && !exports.has(name)) {
        this.#writer.export(name, 'instance', index);
      }
    }
    for (const [name, sort] of exports) {
      this.#writer.export(name, sort, this.#writer.aliasExport(instance, name, sort));
    }
    return this.#writer.finish();
  }

  #fromHost(name: string): Argument {
    return { ...this.#imports.argument(this.#unified(name)), name };
  }

  #instantiate(bytes: Uint8Array, args: readonly Argument[]): number {
    return this.#writer.instantiate(this.#nest(bytes), args);
  }

  /** The same component is held once, however many instances of it there are. */
  #nest(bytes: Uint8Array): number {
    const known = this.#nested.find((one) => Buffer.compare(one.bytes, bytes) === 0);
    if (known !== undefined) {
      return known.index;
    }
    const index = this.#writer.component(bytes);
    this.#nested.push({ bytes, index });
    return index;
  }
}
