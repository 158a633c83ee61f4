// Small loops are written out several times within one, so that a check is not most of what they do. It is done where
// it is simple: the loop has no loop, call or block with a type in it, and goes on by a `br_if` that is its last
// instruction, as compilers write what they have found to be hot:
//   loop  BODY  br_if 0  end   becomes   loop  CHECK  BODY  if  BODY  br_if 1  end  end
import type { Output } from './output.ts';

/** Bytes of a body above which a check costs little beside it (measured: no gain from there on). */
const SMALL = 96;
/** How many bodies come to one check. More of them gain little and cost code. */
const COPIES = 4;

const IF = [0x04, 0x40];
const BR_IF = 0x0d;
const BR = 0x0c;
const END = 0x0b;
/** Labels are renumbered in place, as one byte. */
const MAX_LABEL = 0x7f - COPIES;

export class TightLoop {
  /** Where the body begins in the output. */
  readonly #start: number;
  /** Blocks that are open in the body. */
  #depth = 0;
  /** Where in the body the labels of branches out of the loop are. */
  readonly #exits: number[] = [];
  /** Where the branch to the loop's head ends. */
  #tail = -1;
  /** `br` or `br_if`. */
  #again = BR;
  #possible = true;

  constructor(start: number) {
    this.#start = start;
  }

  block(): void {
    this.#depth += 1;
  }

  /** A branch whose label is the byte of the output before `end`. */
  branch(opcode: number, label: number, end: number): void {
    if (label > MAX_LABEL || (label === this.#depth && this.#tail !== -1)) {
      this.#possible = false;
    } else if (label > this.#depth) {
      this.#exits.push(end - 1 - this.#start);
    } else if (label === this.#depth) {
      this.#tail = end;
      this.#again = opcode;
      this.#possible &&= this.#depth === 0;
    }
  }

  /** An `end` that comes at this place of the output. True when it is the loop's. */
  end(at: number): boolean {
    if (this.#depth > 0) {
      this.#depth -= 1;
      return false;
    }
    this.#possible &&= this.#tail === at && at - this.#start <= SMALL;
    return true;
  }

  /** With everything before the loop's `end` written out, writes the further copies. */
  unroll(output: Output): void {
    if (!this.#possible) {
      return;
    }
    const body = output.written.slice(this.#start, this.#tail - 2);
    output.truncate(this.#tail - 2);
    const conditional = this.#again === BR_IF;
    for (let copy = 1; copy < COPIES; copy += 1) {
      if (conditional) {
        output.append(IF);
        this.#moveExits(body);
      }
      output.append(body);
    }
    output.append([this.#again, conditional ? COPIES - 1 : 0]);
    if (conditional) {
      output.append(Array<number>(COPIES - 1).fill(END));
    }
  }

  /** Each copy is in one more block. */
  #moveExits(body: Uint8Array): void {
    for (const exit of this.#exits) {
      body[exit] = (body[exit] as number) + 1;
    }
  }
}
