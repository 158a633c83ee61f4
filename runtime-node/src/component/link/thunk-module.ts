// Encodes the core module behind thunks.ts: for each waiting import a function that calls it and, when the host then
// says that a promise is `pending`, calls the `Suspending` import of the same result type, whose answer is the result,
// and tells the host that the guest has `resumed`.
import type { CoreType } from '../abi/core-types.ts';

export interface ThunkSignature {
  readonly params: readonly CoreType[];
  readonly result: CoreType | null;
}

type ResultKind = CoreType | 'none';

const RESULT_KINDS: readonly ResultKind[] = ['none', 'i32', 'i64', 'f32', 'f64'];

// WebAssembly core specification, "Binary Format".
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const VALUE_TYPE: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const FUNCTION_TYPE = 0x60;
const FUNCTION = 0x00;
const EMPTY_BLOCK = 0x40;
const OP = {
  if: 0x04,
  end: 0x0b,
  return: 0x0f,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  eqz: 0x45,
};

// The imported functions in their order: `pending`, `resumed`, one `wait` for each kind of result, then the calls.
const PENDING = 0;
const RESUMED = 1;
const FIRST_WAIT = 2;
const FIRST_CALL = FIRST_WAIT + RESULT_KINDS.length;

/** `signatures` by name of the import (from `call`) and of the export. */
export function encodeThunks(signatures: ReadonlyMap<number, ThunkSignature>): Uint8Array<ArrayBuffer> {
  const thunks = [...signatures];
  const types = [...RESULT_KINDS.map((kind) => functionType([], kind)), ...thunks.map(([, one]) => typeOf(one))];
  const firstThunkType = RESULT_KINDS.length;
  const imports = [
    [...name('host'), ...name('pending'), FUNCTION, ...unsigned(RESULT_KINDS.indexOf('i32'))],
    [...name('host'), ...name('resumed'), FUNCTION, ...unsigned(RESULT_KINDS.indexOf('none'))],
    ...RESULT_KINDS.map((kind, i) => [...name('wait'), ...name(kind), FUNCTION, ...unsigned(i)]),
    ...thunks.map(([key], i) => [...name('call'), ...name(String(key)), FUNCTION, ...unsigned(firstThunkType + i)]),
  ];
  const importedFunctions = FIRST_CALL + thunks.length;
  return Uint8Array.from([
    ...HEADER,
    ...section(SECTION.type, types),
    ...section(SECTION.import, imports),
    ...section(
      SECTION.function,
      thunks.map((_, i) => unsigned(firstThunkType + i)),
    ),
    ...section(
      SECTION.export,
      thunks.map(([key], i) => [...name(String(key)), FUNCTION, ...unsigned(importedFunctions + i)]),
    ),
    ...section(
      SECTION.code,
      thunks.map(([, one], i) => body(one, FIRST_CALL + i)),
    ),
  ]);
}

function body({ params, result }: ThunkSignature, target: number): number[] {
  const call = [...params.flatMap((_, i) => [OP.localGet, ...unsigned(i)]), OP.call, ...unsigned(target)];
  const wait = [OP.call, ...unsigned(FIRST_WAIT + RESULT_KINDS.indexOf(result ?? 'none')), OP.call, RESUMED];
  const pending = [OP.call, PENDING];
  if (result === null) {
    return sized([0, ...call, ...pending, OP.if, EMPTY_BLOCK, ...wait, OP.end, OP.end]);
  }
  const local = unsigned(params.length);
  const locals = [1, 1, VALUE_TYPE[result]];
  const answered = [...pending, OP.eqz, OP.if, EMPTY_BLOCK, OP.localGet, ...local, OP.return, OP.end];
  return sized([...locals, ...call, OP.localSet, ...local, ...answered, ...wait, OP.end]);
}

const typeOf = ({ params, result }: ThunkSignature): number[] => functionType(params, result ?? 'none');

const functionType = (params: readonly CoreType[], result: ResultKind): number[] => [
  FUNCTION_TYPE,
  ...vector(params.map((type) => [VALUE_TYPE[type]])),
  ...vector(result === 'none' ? [] : [[VALUE_TYPE[result]]]),
];

const section = (id: number, items: readonly (readonly number[])[]): number[] => [id, ...sized(vector(items))];

const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];

const name = (text: string): number[] => sized([...new TextEncoder().encode(text)]);

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
