// Passes over core types (Binary.md "core:type", core spec §5.3). Only imports of core modules would use them, and
// those no host can give; but their bytes have to be understood to find what follows.
import { tooLarge, unsupported } from './error.ts';
import { coreSortOf } from './externs.ts';
import { MAX_DEPTH, MAX_ENTRIES, MAX_PARAMS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { CoreSort } from './syntax.ts';

const MODULE_TYPE = 0x50;
const FUNC_TYPE = 0x60;

export function skipCoreType(reader: Reader, depth = 0): void {
  if (depth > MAX_DEPTH) {
    throw tooLarge('types within each other', MAX_DEPTH, reader.offset);
  }
  const code = reader.byte('a core type');
  if (code === MODULE_TYPE) {
    reader.vector('module type declarations', MAX_ENTRIES, () => skipModuleDeclaration(reader, depth));
  } else {
    skipFuncType(reader, code);
  }
}

function skipFuncType(reader: Reader, code: number): void {
  if (code !== FUNC_TYPE) {
    throw unsupported(`core type 0x${code.toString(16)} at component level`, reader.offset - 1);
  }
  reader.vector('core parameters', MAX_PARAMS, skipCoreValueType);
  reader.vector('core results', MAX_PARAMS, skipCoreValueType);
}

function skipModuleDeclaration(reader: Reader, depth: number): void {
  const code = reader.byte('a module type declaration');
  switch (code) {
    case 0x00:
      reader.name('an import module name');
      reader.name('an import field name');
      readCoreExternDesc(reader);
      break;
    case 0x01:
      if (reader.peek('a core type') === MODULE_TYPE) {
        throw unsupported('a module type within a module type', reader.offset);
      }
      skipCoreType(reader, depth + 1);
      break;
    case 0x02:
      skipOuterAlias(reader);
      break;
    case 0x03:
      reader.name('an export name');
      readCoreExternDesc(reader);
      break;
    default:
      throw unknownCode(reader, code, 'module type declaration');
  }
}

function skipOuterAlias(reader: Reader): void {
  for (const expected of [0x10, 0x01]) {
    const code = reader.byte('an alias of a core type');
    if (code !== expected) {
      throw unknownCode(reader, code, 'alias within a module type');
    }
  }
  reader.u32('a count of scopes');
  reader.u32('a core type index');
}

/** The type of a core import or export; only its sort is of use to us. */
export function readCoreExternDesc(reader: Reader): CoreSort {
  const sort = coreSortOf(reader, reader.byte('a core definition'));
  switch (sort) {
    case 'func':
      reader.u32('a function type index');
      break;
    case 'table':
      skipCoreValueType(reader);
      skipLimits(reader);
      break;
    case 'memory':
      skipLimits(reader);
      break;
    case 'global': {
      skipCoreValueType(reader);
      const mutability = reader.byte('mutability');
      // Bit 1: shared (threads).
      if (mutability > 0x03) {
        throw unknownCode(reader, mutability, 'mutability');
      }
      break;
    }
    case 'tag':
      if (reader.byte('the attribute of a tag') !== 0) {
        throw unknownCode(reader, 1, 'attribute of a tag');
      }
      reader.u32('a function type index');
      break;
  }
  return sort;
}

function skipLimits(reader: Reader): void {
  const flags = reader.byte('limits');
  if (flags > 0x0f) {
    throw unknownCode(reader, flags, 'form of limits');
  }
  reader.skipInteger('a minimum size');
  if ((flags & 0x01) !== 0) {
    reader.skipInteger('a maximum size');
  }
  // Custom page sizes.
  if ((flags & 0x08) !== 0) {
    reader.skipInteger('a page size');
  }
}

/** Numbers, vectors and references; 0x63 and 0x64 are followed by a heap type, which is an integer of 33 bits. */
function skipCoreValueType(reader: Reader): void {
  const code = reader.byte('a core value type');
  if (code === 0x63 || code === 0x64) {
    reader.skipInteger('a heap type');
  } else if (code < 0x68 || code > 0x7f) {
    throw unknownCode(reader, code, 'core value type');
  }
}
