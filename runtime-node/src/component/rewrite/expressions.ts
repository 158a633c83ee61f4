// Walks instructions and writes them again with the indices of the rewritten module. What stays as it was is copied in
// runs; `#copied` is how far the input has been written out.
import { obstacleOf, IMMEDIATE, OPCODES, PREFIXED, type Immediate } from './instructions.ts';
import type { GeneratedFunctions } from './generated.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import type { Output } from './output.ts';
import { TightLoop } from './tight-loops.ts';
import { skipBlockType, skipHeapType, skipValueType } from './value-types.ts';

/** Where the functions of a module are called from: what decides which of them may recur. */
export interface CallRecorder {
  /** A call of a function by its old index. */
  call(func: number): void;
  /** A call of a function that is not known. */
  callUnknown(): void;
  /** A reference is taken to a function, by its old index. */
  reference(func: number): void;
}

export interface Rewriting {
  readonly layout: Layout;
  readonly generated: GeneratedFunctions;
  /** Names of instructions found that stand in the way of a reset. */
  readonly obstacles: Set<string>;
  readonly calls: CallRecorder;
  /** What goes to the head of each loop; empty for nothing. */
  readonly check: Uint8Array;
  /** Where checks were written, in the order of the output. */
  readonly checks: number[];
}

const CALL = 0x10;
const RETURN_CALL = 0x12;
const MEMORY_INDEX = 0x40;
/** A block's type where it takes and leaves nothing. */
const NO_TYPE = 0x40;

export class Expressions {
  readonly #rewriting: Rewriting;
  readonly #layout: Layout;
  readonly #input: Input;
  readonly #output: Output;
  #copied: number;
  /** The innermost loop that is open, while it is simple. */
  #tight: TightLoop | undefined;

  constructor(rewriting: Rewriting, input: Input, output: Output) {
    this.#rewriting = rewriting;
    this.#layout = rewriting.layout;
    this.#input = input;
    this.#output = output;
    this.#copied = input.at;
  }

  /** Leaves out what was passed over since the last write. */
  resume(): void {
    this.#copied = this.#input.at;
  }

  /** Writes out everything up to where the input is. */
  flush(): void {
    this.#output.copy(this.#input.bytes, this.#copied, this.#input.at);
    this.#copied = this.#input.at;
  }

  /** The instructions of a function up to the end of the input. */
  body(): void {
    const input = this.#input;
    this.#tight = undefined;
    const { bytes } = input;
    while (input.at < input.end) {
      if (OPCODES[bytes[input.at] as number] === IMMEDIATE.none) {
        input.at += 1; // a call for each of these would cost a tenth of the whole pass
      } else {
        this.#instruction();
      }
    }
    this.flush();
  }

  /** A constant expression, which ends at the first `end`. */
  constant(): void {
    const input = this.#input;
    for (;;) {
      const opcode = input.bytes[input.at] as number;
      if (opcode === 0x0b || input.at >= input.end) {
        input.byte();
        this.flush();
        return;
      }
      const kind = OPCODES[opcode];
      if (kind === IMMEDIATE.block || kind === IMMEDIATE.loop || kind === IMMEDIATE.tryTable) {
        throw input.fail('a block within a constant expression');
      }
      this.#instruction();
    }
  }

  #instruction(): void {
    const input = this.#input;
    const start = input.at;
    const opcode = input.byte();
    switch (OPCODES[opcode] as Immediate) {
      case IMMEDIATE.none:
        return;
      case IMMEDIATE.end:
        if (this.#tight !== undefined) {
          this.#endOfTight(start);
        }
        return;
      case IMMEDIATE.integer:
        input.skipInteger();
        return;
      case IMMEDIATE.memarg:
        this.#memarg();
        return;
      case IMMEDIATE.func:
        this.#func(opcode);
        return;
      case IMMEDIATE.global:
        this.#global();
        return;
      case IMMEDIATE.block:
        skipBlockType(input, this.#layout.types);
        this.#tight?.block();
        return;
      case IMMEDIATE.try:
        this.#tight = undefined;
        skipBlockType(input, this.#layout.types);
        return;
      case IMMEDIATE.loop:
        this.#loop();
        return;
      case IMMEDIATE.branch: {
        const label = input.u32();
        if (input.at - start === 2) {
          this.#tight?.branch(opcode, label, this.#written());
        } else {
          this.#tight = undefined; // a label of several bytes could not be renumbered in place
        }
        return;
      }
      case IMMEDIATE.label:
        this.#tight = undefined;
        input.skipInteger();
        return;
      case IMMEDIATE.callIndirect:
        this.#tight = undefined;
        this.#rewriting.calls.callUnknown();
        this.#type();
        input.skipInteger();
        return;
      case IMMEDIATE.type: // of single bytes only call_ref and return_call_ref
        this.#tight = undefined;
        this.#rewriting.calls.callUnknown();
        this.#type();
        return;
      case IMMEDIATE.labels:
        this.#tight = undefined;
        for (let left = input.count(); left >= 0; left -= 1) {
          input.skipInteger();
        }
        return;
      case IMMEDIATE.bytes4:
        input.skip(4);
        return;
      case IMMEDIATE.bytes8:
        input.skip(8);
        return;
      case IMMEDIATE.heapType:
        skipHeapType(input, this.#layout.types);
        return;
      case IMMEDIATE.valueTypes:
        for (let left = input.count(); left > 0; left -= 1) {
          skipValueType(input, this.#layout.types);
        }
        return;
      case IMMEDIATE.tryTable:
        this.#tight = undefined;
        this.#tryTable();
        return;
      case IMMEDIATE.tableSet:
        this.#rewriting.obstacles.add('table.set');
        input.skipInteger();
        return;
      case IMMEDIATE.memorySize:
        this.#memory();
        if (this.#layout.virtual !== undefined) {
          this.#replace(start, 0x23, this.#layout.pages);
        }
        return;
      case IMMEDIATE.memoryGrow:
        this.#memory();
        if (this.#layout.virtual !== undefined) {
          this.#replace(start, CALL, this.#layout.grow);
        }
        return;
      case IMMEDIATE.prefix:
        this.#prefixed(opcode, start);
        return;
      default:
        throw input.fail(`an unknown instruction 0x${opcode.toString(16).padStart(2, '0')}`, start);
    }
  }

  #prefixed(prefix: number, start: number): void {
    const input = this.#input;
    const code = input.u32();
    const obstacle = obstacleOf(prefix, code);
    if (obstacle !== undefined) {
      this.#rewriting.obstacles.add(obstacle);
    }
    switch (PREFIXED[prefix - 0xfb]?.[code] as Immediate | undefined) {
      case IMMEDIATE.none:
        return;
      case IMMEDIATE.memarg:
        this.#memarg();
        return;
      case IMMEDIATE.memargAndLane:
        this.#memarg();
        input.byte();
        return;
      case IMMEDIATE.bytes1:
        input.byte();
        return;
      case IMMEDIATE.bytes16:
        input.skip(16);
        return;
      case IMMEDIATE.integer:
        input.skipInteger();
        return;
      case IMMEDIATE.twoIntegers:
        input.skipInteger();
        input.skipInteger();
        return;
      case IMMEDIATE.type:
        this.#type();
        return;
      case IMMEDIATE.typeAndInteger:
        this.#type();
        input.skipInteger();
        return;
      case IMMEDIATE.twoTypes:
        this.#type();
        this.#type();
        return;
      case IMMEDIATE.heapType:
        skipHeapType(input, this.#layout.types);
        return;
      case IMMEDIATE.branchOnCast:
        this.#tight = undefined;
        input.byte();
        input.skipInteger();
        skipHeapType(input, this.#layout.types);
        skipHeapType(input, this.#layout.types);
        return;
      case IMMEDIATE.memoryCopy:
        this.#memory();
        this.#memory();
        this.#replaceBulk(start, () => this.#rewriting.generated.memoryCopy());
        return;
      case IMMEDIATE.memoryFill:
        this.#memory();
        this.#replaceBulk(start, () => this.#rewriting.generated.memoryFill());
        return;
      case IMMEDIATE.memoryInit: {
        const segment = input.u32();
        this.#memory();
        this.#replaceBulk(start, () => this.#rewriting.generated.memoryInit(segment));
        return;
      }
      default:
        throw input.fail(`an unknown instruction 0x${prefix.toString(16)} ${code}`, start);
    }
  }

  #loop(): void {
    const input = this.#input;
    const isPlain = input.bytes[input.at] === NO_TYPE;
    skipBlockType(input, this.#layout.types);
    const { check, checks } = this.#rewriting;
    if (check.length > 0) {
      this.flush();
      checks.push(this.#output.length);
      this.#output.append(check);
      this.#tight = isPlain ? new TightLoop(this.#output.length) : undefined;
    }
  }

  /** An `end` that began at `start`, with a tight loop open. */
  #endOfTight(start: number): void {
    const written = this.#output.length + start - this.#copied;
    if (this.#tight?.end(written) === true) {
      this.#output.copy(this.#input.bytes, this.#copied, start);
      this.#copied = start;
      this.#tight.unroll(this.#output);
      this.#tight = undefined;
    }
  }

  /** How much there will be in the output with everything up to where the input is. */
  #written(): number {
    return this.#output.length + this.#input.at - this.#copied;
  }

  #func(opcode: number): void {
    this.#tight = undefined;
    const { functions } = this.#layout;
    const at = this.#input.at;
    const index = this.#input.index(functions.total, 'function');
    const { calls } = this.#rewriting;
    if (opcode === CALL || opcode === RETURN_CALL) {
      calls.call(index);
    } else {
      calls.reference(index);
    }
    if (functions.added > 0 && index >= functions.imported) {
      this.#renumber(at, index + functions.added);
    }
  }

  #global(): void {
    const { globals } = this.#layout;
    const at = this.#input.at;
    const index = this.#input.index(globals.total, 'global');
    if (globals.added > 0 && index >= globals.imported) {
      this.#renumber(at, index + globals.added);
    }
  }

  #memarg(): void {
    const input = this.#input;
    if (input.u32() >= MEMORY_INDEX) {
      this.#memory();
    } else if (this.#layout.memories === 0) {
      throw input.fail('there is no memory');
    }
    input.skipInteger();
  }

  #memory(): void {
    this.#input.index(this.#layout.memories, 'memory');
  }

  #type(): void {
    this.#input.index(this.#layout.types, 'type');
  }

  #tryTable(): void {
    const input = this.#input;
    skipBlockType(input, this.#layout.types);
    for (let left = input.count(); left > 0; left -= 1) {
      const kind = input.byte();
      if (kind > 3) {
        throw input.fail(`0x${kind.toString(16)} is no kind of catch`, input.at - 1);
      }
      if (kind <= 1) {
        input.skipInteger(); // the tag; the others catch all
      }
      input.skipInteger();
    }
  }

  #replaceBulk(start: number, helper: () => number): void {
    if (this.#layout.virtual !== undefined) {
      this.#replace(start, CALL, helper());
    }
  }

  /** In place of the instruction that began at `start` comes one with an index. */
  #replace(start: number, opcode: number, index: number): void {
    this.#tight = undefined;
    this.#output.copy(this.#input.bytes, this.#copied, start);
    this.#output.byte(opcode);
    this.#output.u32(index);
    this.#copied = this.#input.at;
  }

  /** In place of the number that began at `start` comes another. */
  #renumber(start: number, index: number): void {
    this.#output.copy(this.#input.bytes, this.#copied, start);
    this.#output.u32(index);
    this.#copied = this.#input.at;
  }
}
