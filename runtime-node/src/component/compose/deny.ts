// A component that stands for one import which a dependency was not granted: it has everything that the import has, can be
// instantiated without anything, and traps when a function of it is called.
import { sectionOf, text, u32, vectorOf, exportEntry } from '../adapt/write.ts';
import { deniedName } from '../denied-name.ts';
import { Measures, type LiftedSignature } from './flat.ts';
import { ImportWriter } from './import-writer.ts';
import type { FuncNode, Import, NamedType } from './types.ts';
import { ComponentWriter, coreTypes, RESOURCE, type LiftOptions } from './write-component.ts';

export interface Denied {
  readonly bytes: Uint8Array;
  /** Names of imports whose types it names itself: it is instantiated with them. */
  readonly needs: readonly string[];
}

const REALLOC = 'realloc';
const MEMORY = 'memory';

/** `all`: the imports of the component that `one` is denied to. */
export function denyImport(one: Import, all: ReadonlyMap<string, Import>): Denied {
  const writer = new ComponentWriter();
  const imports = new ImportWriter(writer, typesOf(all));
  const members: [string, FuncNode | NamedType][] =
    one.type.kind === 'instance' ? [...one.type.members] : [[one.name, one.type]];
  const lift = writeCore(
    writer,
    one.name,
    new Map(members.filter((member): member is [string, FuncNode] => isFunc(member[1]))),
  );
  for (const [name, member] of members) {
    if (member.kind === 'func') {
      writer.export(name, 'func', lift(name, imports.space.func(member)));
    } else {
      const own = imports.space.desc(member);
      const index = own === 'resource' ? writer.type(RESOURCE) : own.type;
      imports.space.name(member, writer.export(name, 'type', index));
    }
  }
  return { bytes: writer.finish(), needs: imports.written };
}

const isFunc = (member: FuncNode | NamedType): boolean => member.kind === 'func';

/** Nothing is called, so functions need not be imported. */
function typesOf(imports: ReadonlyMap<string, Import>): ReadonlyMap<string, Import> {
  const types = [...imports.values()].map((one): Import => {
    if (one.type.kind !== 'instance') {
      return one;
    }
    const members = new Map([...one.type.members].filter(([, member]) => !isFunc(member)));
    return { ...one, type: { kind: 'instance', members } };
  });
  return new Map(types.map((one) => [one.name, one]));
}

/** Writes the core module and its instance; gives what lifts one of its functions to a type. */
function writeCore(
  writer: ComponentWriter,
  importName: string,
  functions: ReadonlyMap<string, FuncNode>,
): (name: string, type: number) => number {
  const measures = new Measures();
  const signatures = new Map([...functions].map(([name, func]) => [name, measures.lifted(func)]));
  if (signatures.size === 0) {
    return (name) => {
      throw new Error(`there is no function "${name}" to lift`);
    };
  }
  const instance = writer.instantiateCore(writer.module(trappingModule(importName, signatures)));
  const needs = [...signatures.values()];
  const memory = needs.some((one) => one.memory) ? writer.aliasCoreExport(instance, MEMORY, 'memory') : undefined;
  const realloc = needs.some((one) => one.realloc) ? writer.aliasCoreExport(instance, REALLOC, 'func') : undefined;
  return (name, type) => {
    const signature = signatures.get(name);
    const options: LiftOptions = {
      ...(signature?.memory && memory !== undefined ? { memory } : {}),
      ...(signature?.realloc && realloc !== undefined ? { realloc } : {}),
    };
    return writer.lift(writer.aliasCoreExport(instance, `f:${name}`, 'func'), type, options);
  };
}

const REALLOC_SIGNATURE: LiftedSignature = {
  params: ['i32', 'i32', 'i32', 'i32'],
  results: ['i32'],
  memory: false,
  realloc: false,
};

const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
/** No locals; `unreachable`, `end`. */
const BODY = Uint8Array.of(0x03, 0x00, 0x00, 0x0b);
/** From 0 to 0 pages: whoever has to write something into it asks for room first, which traps. */
const NO_PAGES = Uint8Array.of(0x01, 0x00, 0x00);
const FUNC = 0x00;
/** Of the custom section `name`. */
const FUNCTION_NAMES = 1;

/** A core module of functions that trap, each of a type of its own. */
function trappingModule(importName: string, signatures: ReadonlyMap<string, LiftedSignature>): Uint8Array {
  const functions: (readonly [string, LiftedSignature])[] = [
    [REALLOC, REALLOC_SIGNATURE],
    ...[...signatures].map(([name, signature]) => [`f:${name}`, signature] as const),
  ];
  const types = functions.map(([, { params, results }]) =>
    Buffer.concat([Uint8Array.of(0x60), coreTypes(params), coreTypes(results)]),
  );
  const exports = functions.map(([name], index) => exportEntry(name, Buffer.concat([Uint8Array.of(FUNC), u32(index)])));
  const names = [undefined, ...signatures.keys()].map((name, index) =>
    Buffer.concat([u32(index), ...text(deniedName(importName, name))]),
  );
  return Buffer.concat([
    PREAMBLE,
    ...sectionOf(1, vectorOf(types)),
    ...sectionOf(3, vectorOf(functions.map((_, index) => u32(index)))),
    ...sectionOf(5, vectorOf([NO_PAGES])),
    ...sectionOf(7, vectorOf([Buffer.concat([...text(MEMORY), Uint8Array.of(0x02, 0x00)]), ...exports])),
    ...sectionOf(10, vectorOf(functions.map(() => BODY))),
    ...sectionOf(0, [...text('name'), ...sectionOf(FUNCTION_NAMES, vectorOf(names))]),
  ]);
}
