// Allocators that call the host. A module of 2022 runs its constructors whenever one of its exports is called, so also
// when the host asks it for memory, which is when it must not call out. Spin's adapter answers such calls by itself; so do
// these additions to the module and to the adapter of today: the module says when it allocates, by a call that cannot be
// meant, and the adapter then answers for a world without environment, folders and time (spin-contract.md §3.11).
import { append, nextIndices, type NewFunction, type Signature } from './append.ts';
import { PREVIEW1 } from './kind.ts';
import { readSections, type ModuleSections } from './sections.ts';
import { u32 } from './write.ts';

const I32 = 0x7f;
const I64 = 0x7e;

const CALL = 0x10;
const RETURN = 0x0f;
const IF = 0x04;
const NO_RESULT = 0x40;
const END = 0x0b;
const DROP = 0x1a;
const LOCAL_GET = 0x20;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const I32_STORE = [0x36, 2, 0];
const I64_STORE = [0x37, 3, 0];
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const I32_EQ = 0x46;

/** -1 as signed LEB128. */
const MINUS_ONE = 0x7f;
const SUCCESS = 0;
/** WASI preview 1, errno: ends the search for folders. */
const BAD_DESCRIPTOR = 8;

interface Guarded {
  readonly name: string;
  readonly params: readonly number[];
  /** The parameter that is -1 when the call is the signal; a pointer or a clock, of which -1 is none. */
  readonly magic: number;
  /** The parameter that says, then, whether memory is being allocated. */
  readonly flag: number;
  /** What is done instead of the call while it is. */
  readonly quietly: readonly number[];
}

/** What constructors of C libraries and language runtimes call. */
const GUARDED: readonly Guarded[] = [
  {
    name: 'environ_sizes_get',
    params: [I32, I32],
    magic: 0,
    flag: 1,
    quietly: [...stored(0, I32_CONST, I32_STORE), ...stored(1, I32_CONST, I32_STORE), I32_CONST, SUCCESS],
  },
  { name: 'environ_get', params: [I32, I32], magic: 0, flag: 1, quietly: [I32_CONST, SUCCESS] },
  { name: 'fd_prestat_get', params: [I32, I32], magic: 1, flag: 0, quietly: [I32_CONST, BAD_DESCRIPTOR] },
  {
    name: 'clock_time_get',
    params: [I32, I64, I32],
    magic: 0,
    flag: 2,
    quietly: [...stored(2, I64_CONST, I64_STORE), I32_CONST, SUCCESS],
  },
];

/** Zero at the address that a parameter holds. */
function stored(parameter: number, zero: number, store: readonly number[]): number[] {
  return [LOCAL_GET, parameter, zero, 0, ...store];
}

const signatureOf = ({ params }: Guarded): Signature => ({ params, results: [I32] });

const FUNC = 0x00;

/** The module, signalling around `allocator`; undefined when it calls nothing that would have to be answered. */
export function guardAllocator(module: ModuleSections, allocator: string): Uint8Array | undefined {
  const functions = module.imports.filter(({ type }) => module.bytes[type.start] === FUNC);
  const indexOf = ({ name }: Guarded): number =>
    functions.findIndex((one) => one.module === PREVIEW1 && one.name === name);
  const signal = GUARDED.find((one) => indexOf(one) !== -1);
  const target = module.exports.find(({ name }) => name === allocator)?.target;
  if (signal === undefined || target === undefined) {
    return undefined;
  }
  const say = (allocating: number): number[] => [
    ...signal.params.flatMap((type, parameter) => [
      type === I64 ? I64_CONST : I32_CONST,
      parameter === signal.magic ? MINUS_ONE : parameter === signal.flag ? allocating : 0,
    ]),
    CALL,
    ...u32(indexOf(signal)),
    DROP,
  ];
  const params = [I32, I32, I32, I32];
  const allocate = [...params.flatMap((_, index) => [LOCAL_GET, index]), CALL, ...module.bytes.subarray(target.start + 1, target.end)]; // prettier-ignore
  return append(module, 0, [
    {
      signature: { params, results: [I32] },
      body: [...say(1), ...allocate, ...say(0)],
      exported: allocator,
    },
  ]);
}

/** An adapter of preview 1 that heeds the signal. */
export function guardedAdapter(adapter: Uint8Array): Uint8Array {
  const module = readSections(adapter);
  const flag = [...u32(nextIndices(module).global)];
  const functions = GUARDED.flatMap((guarded): NewFunction[] => {
    const target = module.exports.find(({ name }) => name === guarded.name)?.target;
    if (target === undefined) {
      return [];
    }
    const onSignal = [LOCAL_GET, guarded.flag, GLOBAL_SET, ...flag, I32_CONST, SUCCESS];
    const really = guarded.params.flatMap((_, index) => [LOCAL_GET, index]);
    const body = [
      ...when([LOCAL_GET, guarded.magic, I32_CONST, MINUS_ONE, I32_EQ], onSignal),
      ...when([GLOBAL_GET, ...flag], guarded.quietly),
      ...really.concat(CALL, ...adapter.subarray(target.start + 1, target.end)),
    ];
    return [{ signature: signatureOf(guarded), body, exported: guarded.name }];
  });
  return append(module, 1, functions);
}

/** Returns `answer` when `condition` holds. */
const when = (condition: readonly number[], answer: readonly number[]): number[] => [
  ...condition,
  IF,
  NO_RESULT,
  ...answer,
  RETURN,
  END,
];
