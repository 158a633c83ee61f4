// Canonical definitions: the borders between core functions and component functions (Binary.md "canonical
// definitions"). Built-ins of later proposals are recognised and refused by name.
import { malformed, unsupported } from './error.ts';
import { MAX_OPTIONS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { Canon, CanonOptions } from './syntax.ts';

const ENCODINGS: readonly CanonOptions['encoding'][] = ['utf8', 'utf16', 'latin1+utf16'];

/** Codes 0x05 to 0x26 and beyond, by what they belong to. */
const laterBuiltin = (code: number): string | undefined => {
  if ((code >= 0x05 && code <= 0x0d) || (code >= 0x1f && code <= 0x25)) {
    return 'a task built-in (component-model async)';
  }
  if (code >= 0x0e && code <= 0x1b) {
    return 'a stream or future built-in (component-model async)';
  }
  if (code >= 0x1c && code <= 0x1e) {
    return 'an error-context built-in (component-model async)';
  }
  if ((code >= 0x26 && code <= 0x2d) || (code >= 0x40 && code <= 0x42)) {
    return 'a thread built-in';
  }
  return undefined;
};

export function readCanon(reader: Reader): Canon {
  const code = reader.byte('a canonical definition');
  switch (code) {
    case 0x00:
      expectZero(reader, 'form of lift');
      return {
        kind: 'lift',
        func: reader.u32('a core function index'),
        options: readOptions(reader),
        type: reader.u32('a function type index'),
      };
    case 0x01:
      expectZero(reader, 'form of lower');
      return { kind: 'lower', func: reader.u32('a function index'), options: readOptions(reader) };
    case 0x02:
      return { kind: 'resource.new', type: reader.u32('a resource type index') };
    case 0x03:
      return { kind: 'resource.drop', type: reader.u32('a resource type index') };
    case 0x04:
      return { kind: 'resource.rep', type: reader.u32('a resource type index') };
    default: {
      const feature = laterBuiltin(code);
      throw feature === undefined
        ? unknownCode(reader, code, 'canonical definition')
        : unsupported(feature, reader.offset - 1);
    }
  }
}

function expectZero(reader: Reader, what: string): void {
  const code = reader.byte(what);
  if (code !== 0) {
    throw unknownCode(reader, code, what);
  }
}

function readOptions(reader: Reader): CanonOptions {
  const seen = new Map<string, number>();
  reader.vector('canonical options', MAX_OPTIONS, () => {
    const offset = reader.offset;
    const [name, value] = readOption(reader);
    if (seen.has(name)) {
      throw malformed(`the canonical option \`${name}\` is given twice`, offset);
    }
    seen.set(name, value);
  });
  return {
    encoding: ENCODINGS[seen.get('string-encoding') ?? 0] ?? 'utf8',
    memory: seen.get('memory') ?? null,
    realloc: seen.get('realloc') ?? null,
    postReturn: seen.get('post-return') ?? null,
  };
}

function readOption(reader: Reader): readonly [name: string, value: number] {
  const code = reader.byte('a canonical option');
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x02:
      return ['string-encoding', code];
    case 0x03:
      return ['memory', reader.u32('a core memory index')];
    case 0x04:
      return ['realloc', reader.u32('a core function index')];
    case 0x05:
      return ['post-return', reader.u32('a core function index')];
    case 0x06:
      throw unsupported('the canonical option `async` (component-model async)', reader.offset - 1);
    case 0x07:
      throw unsupported('the canonical option `callback` (component-model async)', reader.offset - 1);
    case 0x08:
    case 0x09:
      throw unsupported('the canonical ABI for garbage-collected types', reader.offset - 1);
    default:
      throw unknownCode(reader, code, 'canonical option');
  }
}
