// Definitions of core instances and of component instances: made by instantiation, or put together from exports.
import { readArgument, readCoreSort, readNamedItem } from './externs.ts';
import { MAX_ENTRIES } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { CoreArgument, DefinitionBody } from './syntax.ts';

const CORE_INSTANCE = 0x12;

export function readCoreInstance(reader: Reader): DefinitionBody {
  const code = reader.byte('a core instance');
  switch (code) {
    case 0x00:
      return {
        kind: 'core-instantiate',
        module: reader.u32('a core module index'),
        args: reader.vector('core arguments', MAX_ENTRIES, readCoreArgument),
      };
    case 0x01:
      return {
        kind: 'core-exports',
        exports: reader.vector('core exports', MAX_ENTRIES, () => ({
          name: reader.name('the name of a core export'),
          sort: readCoreSort(reader),
          index: reader.u32('a core index'),
        })),
      };
    default:
      throw unknownCode(reader, code, 'form of core instance');
  }
}

function readCoreArgument(reader: Reader): CoreArgument {
  const name = reader.name('the name of a core argument');
  const sort = reader.byte('the sort of a core argument');
  if (sort !== CORE_INSTANCE) {
    throw unknownCode(reader, sort, 'sort of core argument');
  }
  return { name, instance: reader.u32('a core instance index') };
}

export function readInstance(reader: Reader): DefinitionBody {
  const code = reader.byte('an instance');
  switch (code) {
    case 0x00:
      return {
        kind: 'instantiate',
        component: reader.u32('a component index'),
        args: reader.vector('arguments', MAX_ENTRIES, readArgument),
      };
    case 0x01:
      return { kind: 'exports', exports: reader.vector('exports', MAX_ENTRIES, readNamedItem) };
    default:
      throw unknownCode(reader, code, 'form of instance');
  }
}
