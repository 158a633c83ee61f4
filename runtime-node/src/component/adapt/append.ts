// A core module with globals and functions behind its own, where no index of what was there changes, and with exports
// that name them. All else stays byte for byte.
import { EXPORT_SECTION, type ModuleSections, type Section, type Span } from './sections.ts';
import { exportEntry, sectionOf, u32, vectorOf } from './write.ts';

const TYPE_SECTION = 1;
const FUNCTION_SECTION = 3;
const GLOBAL_SECTION = 6;
const CODE_SECTION = 10;

/** Sections stand in this order; custom ones anywhere (core spec §5.5.16). */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Sorts as imports and exports have them. */
const FUNC = 0x00;
const GLOBAL = 0x03;

const I32 = 0x7f;
const MUTABLE = 0x01;
const I32_CONST = 0x41;
const END = 0x0b;
const FUNCTION_TYPE = 0x60;

/** Value types by their codes. */
export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface NewFunction {
  readonly signature: Signature;
  /** Instructions, without locals of its own and without the last `end`. */
  readonly body: readonly number[];
  /** The export that becomes this function, or a new one. */
  readonly exported: string;
}

/** Where the next function and global go. */
export interface NextIndices {
  readonly func: number;
  readonly global: number;
}

export function nextIndices(module: ModuleSections): NextIndices {
  const imported = (sort: number): number =>
    module.imports.filter(({ type }) => module.bytes[type.start] === sort).length;
  return {
    func: imported(FUNC) + countOf(module, FUNCTION_SECTION),
    global: imported(GLOBAL) + countOf(module, GLOBAL_SECTION),
  };
}

/** `flags`: how many globals to add, i32 and mutable, 0 at first. */
export function append(module: ModuleSections, flags: number, functions: readonly NewFunction[]): Uint8Array {
  const types = countOf(module, TYPE_SECTION);
  const { func } = nextIndices(module);
  const added: ReadonlyMap<number, readonly Uint8Array[]> = new Map([
    [TYPE_SECTION, functions.map(({ signature }) => typeOf(signature))],
    [FUNCTION_SECTION, functions.map((_, index) => u32(types + index))],
    [GLOBAL_SECTION, Array.from({ length: flags }, () => Uint8Array.of(I32, MUTABLE, I32_CONST, 0, END))],
    [CODE_SECTION, functions.map(({ body }) => bodyOf(body))],
  ]);
  const exported = new Map(functions.map((one, index) => [one.exported, func + index]));
  const written: Uint8Array[] = [module.bytes.subarray(0, module.sections[0]?.whole.start ?? module.bytes.length)];
  const missing = new Set([...added].filter(([, entries]) => entries.length > 0).map(([id]) => id));
  for (const section of module.sections) {
    for (const id of missing) {
      if (section.id !== 0 && ORDER.indexOf(section.id) > ORDER.indexOf(id)) {
        written.push(...sectionOf(id, vectorOf(added.get(id) ?? [])));
        missing.delete(id);
      }
    }
    const entries = added.get(section.id);
    missing.delete(section.id);
    if (section.id === EXPORT_SECTION) {
      written.push(...exportsWith(module, exported));
    } else {
      written.push(...(entries === undefined ? [raw(module, section.whole)] : extended(module, section, entries)));
    }
  }
  return Buffer.concat(written);
}

const raw = ({ bytes }: ModuleSections, { start, end }: Span): Uint8Array => bytes.subarray(start, end);

function exportsWith(module: ModuleSections, replaced: ReadonlyMap<string, number>): Uint8Array[] {
  const kept = module.exports.filter(({ name }) => !replaced.has(name));
  return sectionOf(
    EXPORT_SECTION,
    vectorOf([
      ...kept.map(({ name, target }) => exportEntry(name, raw(module, target))),
      ...[...replaced].map(([name, index]) => exportEntry(name, Buffer.concat([Uint8Array.of(FUNC), u32(index)]))),
    ]),
  );
}

function extended(module: ModuleSections, section: Section, entries: readonly Uint8Array[]): Uint8Array[] {
  const { count, at } = readCount(module, section);
  const rest = raw(module, { start: at, end: section.content.end });
  return sectionOf(section.id, [u32(count + entries.length), rest, ...entries]);
}

function countOf(module: ModuleSections, id: number): number {
  const section = module.sections.find((one) => one.id === id);
  return section === undefined ? 0 : readCount(module, section).count;
}

/** The number of entries of a section, and where they begin. */
function readCount({ bytes }: ModuleSections, { content }: Section): { count: number; at: number } {
  let count = 0;
  let at = content.start;
  for (let shift = 0; at < content.end; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    count += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      break;
    }
  }
  return { count, at };
}

const typeOf = ({ params, results }: Signature): Uint8Array =>
  Uint8Array.of(FUNCTION_TYPE, params.length, ...params, results.length, ...results);

function bodyOf(body: readonly number[]): Uint8Array {
  const code = Uint8Array.of(0, ...body, END); // no locals
  return Buffer.concat([u32(code.length), code]);
}
