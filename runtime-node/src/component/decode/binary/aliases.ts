// Aliases: of an instance's export, of a core instance's export, of a definition in an outer scope.
import { unknownCode, type Reader } from './reader.ts';
import { coreSortOf } from './externs.ts';
import { unsupported } from './error.ts';
import type { Alias, Sort } from './syntax.ts';

const CORE = 0x00;
const SORTS: ReadonlyMap<number, Sort> = new Map([
  [0x01, 'func'],
  [0x03, 'type'],
  [0x04, 'component'],
  [0x05, 'instance'],
]);

export function readAlias(reader: Reader): Alias {
  // What the second byte means depends on the kind of alias, which comes behind it.
  const code = reader.byte('the sort of an alias');
  const core = code === CORE ? reader.byte('the core sort of an alias') : null;
  const kind = reader.byte('the target of an alias');
  switch (kind) {
    case 0x00:
      return {
        of: 'instance',
        sort: sortOf(reader, code, core),
        instance: reader.u32('an instance index'),
        name: reader.name('the name of an export'),
      };
    case 0x01:
      if (core === null) {
        throw unknownCode(reader, code, 'sort of a core instance export');
      }
      return {
        of: 'core-instance',
        sort: coreSortOf(reader, core),
        instance: reader.u32('a core instance index'),
        name: reader.name('the name of an export'),
      };
    case 0x02:
      return {
        of: 'outer',
        sort: outerSortOf(reader, code, core),
        count: reader.u32('a count of scopes'),
        index: reader.u32('an index'),
      };
    default:
      throw unknownCode(reader, kind, 'target of an alias');
  }
}

function sortOf(reader: Reader, code: number, core: number | null): Sort {
  if (code === 0x02) {
    throw unsupported('a component-level value', reader.offset - 1);
  }
  const sort = core === 0x11 ? 'module' : SORTS.get(code);
  if (sort === undefined) {
    throw unknownCode(reader, core ?? code, 'sort of an instance export');
  }
  return sort;
}

function outerSortOf(reader: Reader, code: number, core: number | null): Extract<Alias, { of: 'outer' }>['sort'] {
  if (core === 0x10) {
    return 'core-type';
  }
  if (core === 0x11) {
    return 'module';
  }
  const sort = SORTS.get(code);
  if (sort !== 'type' && sort !== 'component') {
    throw unknownCode(reader, core ?? code, 'sort of an outer alias');
  }
  return sort;
}
