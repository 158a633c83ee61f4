// Whether a statement ends after a number of steps that its program alone decides, whatever the database holds: pure, from what
// EXPLAIN says (https://sqlite.org/opcode.html). Look-ups by a key are; all that goes through rows is not.

export interface Instruction {
  readonly opcode: string;
  /** Where a jump goes. */
  readonly p2: number;
}

/** Each does a bounded piece of work and goes on to the next. Calls of functions are not among them, nor is Count. */
const STEPS: ReadonlySet<string> = new Set(
  `OpenRead Close DeferredSeek NullRow Noop CollSeq Column Rowid IdxRowid ResultRow Affinity
   RealAffinity Variable Integer Int64 Real String8 Blob Null Copy SCopy Add Subtract Multiply
   Divide Remainder Concat And Or Not`.split(/\s+/),
);

/** The same, or a jump. */
const JUMPS: ReadonlySet<string> = new Set(
  `Goto If IfNot IsNull NotNull MustBeInt DecrJumpZero Eq Ne Lt Le Gt Ge SeekRowid NotExists Found
   NotFound SeekLT SeekLE SeekGE SeekGT IdxLT IdxLE IdxGE IdxGT`.split(/\s+/),
);

/** What stands behind the program and is done first: the transaction, and constants. */
const PROLOGUE: ReadonlySet<string> = new Set(
  'Transaction Variable Integer Int64 Real String8 Blob Null Affinity'.split(' '),
);

/** False for whatever it does not know. */
export function isBounded(program: readonly Instruction[]): boolean {
  const [init] = program;
  const last = program.at(-1);
  const end = init?.p2 ?? 0;
  const body = program.slice(1, end);
  return (
    init?.opcode === 'Init' &&
    last?.opcode === 'Goto' &&
    last.p2 === 1 &&
    end > 1 &&
    body.at(-1)?.opcode === 'Halt' &&
    body.every(({ opcode, p2 }, at) => {
      // Forward only, and not out of it: no instruction is met twice.
      const goesForward = p2 > at + 1 && p2 < end;
      return STEPS.has(opcode) || opcode === 'Halt' || (JUMPS.has(opcode) && goesForward);
    }) &&
    program.slice(end, -1).every(({ opcode }) => PROLOGUE.has(opcode))
  );
}
