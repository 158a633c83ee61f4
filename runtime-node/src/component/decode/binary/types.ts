// Type definitions: values, functions, resources, and the types of instances and components with the declarations
// they hold (Binary.md "type definitions").
import type { FuncType } from '../../plan.ts';
import { readAlias } from './aliases.ts';
import { skipCoreType } from './core-types.ts';
import { malformed, tooLarge, unsupported } from './error.ts';
import { readExternDesc, readExternName } from './externs.ts';
import { MAX_DEPTH, MAX_ENTRIES, MAX_PARAMS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { Definition, TypeSyntax } from './syntax.ts';
import { primitiveOf, readCompositeType, readFlag, readResult, readValueType } from './value-types.ts';

const CORE_I32 = 0x7f;

export function readType(reader: Reader, depth = 0): TypeSyntax {
  if (depth > MAX_DEPTH) {
    throw tooLarge('types within each other', MAX_DEPTH, reader.offset);
  }
  const code = reader.byte('a type');
  switch (code) {
    case 0x3f:
    case 0x3e:
      return readResource(reader, code);
    case 0x40:
      return { kind: 'func', type: readFuncType(reader) };
    case 0x43:
      return { kind: 'func', type: { async: true, ...readFuncType(reader) } };
    case 0x41:
      return { kind: 'component', declarations: readDeclarations(reader, depth, true) };
    case 0x42:
      return { kind: 'instance', declarations: readDeclarations(reader, depth, false) };
    default:
      return { kind: 'value', type: primitiveOf(code) ?? readCompositeType(reader, code) };
  }
}

function readResource(reader: Reader, code: number): TypeSyntax {
  if (code === 0x3e) {
    throw unsupported('a resource with an asynchronous destructor (component-model async)', reader.offset - 1);
  }
  if (reader.byte('the representation of a resource') !== CORE_I32) {
    throw malformed('a resource must be represented by i32', reader.offset - 1);
  }
  const destructor = readFlag(reader, 'optional destructor') ? reader.u32('a core function index') : null;
  return { kind: 'resource', destructor };
}

function readFuncType(reader: Reader): FuncType {
  const offset = reader.offset;
  const params = reader.vector('parameters', MAX_PARAMS, () => ({
    name: reader.name('a parameter name'),
    type: readValueType(reader),
  }));
  if (new Set(params.map((param) => param.name)).size !== params.length) {
    throw malformed('a function type with two parameters of one name', offset);
  }
  return { params, result: readResult(reader) };
}

const readDeclarations = (reader: Reader, depth: number, imports: boolean): Definition[] =>
  reader.vector('declarations', MAX_ENTRIES, () => readDeclaration(reader, depth, imports));

function readDeclaration(reader: Reader, depth: number, imports: boolean): Definition {
  const offset = reader.offset;
  const code = reader.byte('a declaration');
  switch (code) {
    case 0x00:
      skipCoreType(reader, depth + 1);
      return { kind: 'core-type', offset };
    case 0x01: {
      const type = readType(reader, depth + 1);
      if (type.kind === 'resource') {
        throw malformed('a resource is defined within a type', offset);
      }
      return { kind: 'type', type, offset };
    }
    case 0x02: {
      const alias = readAlias(reader);
      if (
        alias.of === 'core-instance' ||
        (alias.of === 'outer' && alias.sort !== 'type' && alias.sort !== 'core-type')
      ) {
        throw malformed('a type declares an alias of something that is neither type nor instance', offset);
      }
      return { kind: 'alias', alias, offset };
    }
    case 0x04:
      return { kind: 'declare-export', name: readExternName(reader).name, desc: readExternDesc(reader), offset };
    case 0x03:
      if (imports) {
        return { kind: 'import', name: readExternName(reader), desc: readExternDesc(reader), offset };
      }
      throw unknownCode(reader, code, 'declaration of an instance type');
    default:
      throw unknownCode(reader, code, 'declaration');
  }
}
