// Names, sorts and descriptions of what crosses a component's boundary (Binary.md "import and export definitions").
import { malformed, unsupported } from './error.ts';
import { MAX_OPTIONS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { CoreSort, ExternDesc, ExternName, NamedItem, Sort } from './syntax.ts';

const CORE_SORTS: readonly CoreSort[] = ['func', 'table', 'memory', 'global', 'tag'];

export function coreSortOf(reader: Reader, code: number): CoreSort {
  const sort = CORE_SORTS[code];
  if (sort === undefined) {
    throw unknownCode(reader, code, 'sort of core definition');
  }
  return sort;
}

export const readCoreSort = (reader: Reader): CoreSort => coreSortOf(reader, reader.byte('a core sort'));

function readSort(reader: Reader): Sort {
  const code = reader.byte('a sort');
  switch (code) {
    case 0x00: {
      const core = reader.byte('a core sort');
      if (core !== 0x11) {
        throw unknownCode(reader, core, 'sort of core definition that a component can pass on');
      }
      return 'module';
    }
    case 0x01:
      return 'func';
    case 0x02:
      throw unsupported('a component-level value', reader.offset - 1);
    case 0x03:
      return 'type';
    case 0x04:
      return 'component';
    case 0x05:
      return 'instance';
    default:
      throw unknownCode(reader, code, 'sort');
  }
}

/**
 * 0x00 is the code of today, 0x01 what encoders wrote until September 2024 for the same thing, 0x02 a name with
 * options (wasmparser readers/component/imports.rs).
 */
export function readExternName(reader: Reader): ExternName {
  const code = reader.byte('an import or export name');
  if (code > 0x02) {
    throw unknownCode(reader, code, 'form of name');
  }
  const name = reader.name('a name');
  const options = new Map<number, string>();
  if (code === 0x02) {
    reader.vector('options of a name', MAX_OPTIONS, () => {
      const option = reader.byte('an option of a name');
      if (option > 0x02) {
        throw unknownCode(reader, option, 'option of a name');
      }
      if (options.has(option)) {
        throw malformed(`the name "${name}" has the same option twice`, reader.offset - 1);
      }
      options.set(option, reader.name('an option of a name'));
    });
  }
  // A version suffix completes a version that was cut to its compatible part: `@0.2` and `.3`.
  return { name: name + (options.get(0x01) ?? ''), implements: options.get(0x00) ?? null };
}

export function readExternDesc(reader: Reader): ExternDesc {
  const sort = readSort(reader);
  if (sort !== 'type') {
    return { kind: sort, type: reader.u32('a type index') };
  }
  const bound = reader.byte('the bound of a type');
  switch (bound) {
    case 0x00:
      return { kind: 'type-equal', type: reader.u32('a type index') };
    case 0x01:
      return { kind: 'type-resource' };
    default:
      throw unknownCode(reader, bound, 'bound of a type');
  }
}

/** An instantiation argument: a plain name. */
export const readArgument = (reader: Reader): NamedItem => ({
  name: reader.name('an argument name'),
  sort: readSort(reader),
  index: reader.u32('an index'),
});

/** An export, or an entry of an instance made from exports. */
export const readNamedItem = (reader: Reader): NamedItem => ({
  name: readExternName(reader).name,
  sort: readSort(reader),
  index: reader.u32('an index'),
});
