// Writes imports into a component, each when it is first asked for and behind those whose types it names.
import { MAX_DEPTH } from '../decode/binary/limits.ts';
import { cannotCompose } from './errors.ts';
import { TypeSpace } from './type-space.ts';
import type { Import, Members, NamedType } from './types.ts';
import {
  declareExport,
  declareOuterType,
  declareType,
  instanceType,
  type Argument,
  type ComponentWriter,
} from './write-component.ts';

export class ImportWriter {
  readonly #writer: ComponentWriter;
  readonly #imports: ReadonlyMap<string, Import>;
  readonly #written = new Map<string, Argument>();
  readonly #underway = new Set<string>();
  /** The component's own types. */
  readonly space: TypeSpace;

  constructor(writer: ComponentWriter, imports: ReadonlyMap<string, Import>) {
    this.#writer = writer;
    this.#imports = imports;
    this.space = new TypeSpace({ define: (type) => writer.type(type), foreign: (named) => this.#alias(named) });
  }

  /** Names of those written so far. */
  get written(): readonly string[] {
    return [...this.#written.keys()];
  }

  /** The import as something to instantiate others with. */
  argument(name: string): Argument {
    const known = this.#written.get(name);
    if (known !== undefined) {
      return known;
    }
    const one = this.#imports.get(name);
    if (one === undefined) {
      throw new Error(`the import "${name}" is to be written and is not there`);
    }
    if (this.#underway.has(name)) {
      throw cannotCompose(`the types of the import "${name}" depend on each other in a circle`);
    }
    if (this.#underway.size > MAX_DEPTH) {
      throw cannotCompose(`more than ${MAX_DEPTH} imports depend on each other in a row, up to "${name}"`);
    }
    this.#underway.add(name);
    const written = this.#write(one);
    this.#underway.delete(name);
    this.#written.set(name, written);
    return written;
  }

  #write({ name, implements: standsFor, type }: Import): Argument {
    if (type.kind === 'func') {
      const desc = { sort: 'func', type: this.space.func(type) } as const;
      return { name, sort: 'func', index: this.#writer.import(name, standsFor, desc) };
    }
    if (type.kind === 'named') {
      const index = this.#writer.import(name, standsFor, this.space.desc(type));
      this.space.name(type, index);
      return { name, sort: 'type', index };
    }
    const declared = this.#writer.type(this.#instance(type.members));
    return {
      name,
      sort: 'instance',
      index: this.#writer.import(name, standsFor, { sort: 'instance', type: declared }),
    };
  }

  #instance(members: Members): Uint8Array {
    const declarations: Uint8Array[] = [];
    let count = 0;
    const space = new TypeSpace({
      define(type) {
        declarations.push(declareType(type));
        return count++;
      },
      foreign: (named) => {
        declarations.push(declareOuterType(this.space.ref(named) as number));
        return count++;
      },
    });
    for (const [name, member] of members) {
      if (member.kind === 'func') {
        declarations.push(declareExport(name, { sort: 'func', type: space.func(member) }));
      } else {
        declarations.push(declareExport(name, space.desc(member)));
        space.name(member, count++);
      }
    }
    return instanceType(declarations);
  }

  #alias({ home, name }: NamedType): number {
    return home === '' ? this.argument(name).index : this.#writer.aliasExport(this.argument(home).index, name, 'type');
  }
}
