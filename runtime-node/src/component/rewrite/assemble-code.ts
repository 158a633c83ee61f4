// The code section from the rewritten bodies, and before it the section that tells V8 that checks seldom find anything:
// without it the calls in them cost registers in every loop (a compute guest: 16 % instead of 6 %).
// Format: https://github.com/WebAssembly/branch-hinting
import type { Bodies } from './code.ts';
import type { GeneratedFunction } from './generated.ts';
import { Output } from './output.ts';

const HINTS = 'metadata.code.branch_hint';
const IF = 0x04;
/** Length and value of a hint: the branch is unlikely. */
const UNLIKELY = [1, 0];

export interface Checks {
  /** The instructions of one, or none when time is not watched. */
  readonly check: Uint8Array;
  /** Where they were written in the bodies, in order. */
  readonly written: readonly number[];
  /** 1 by the index of a defined function that gets one at its entry. */
  readonly entries: Uint8Array;
}

export interface CodeSection {
  readonly content: Output;
  /** The content of the custom section that comes before it. */
  readonly hints: Output | undefined;
}

export function assembleCode(
  { output: bodies, offsets }: Bodies,
  generated: readonly GeneratedFunction[],
  { check, written: checks, entries }: Checks,
  firstDefined: number,
): CodeSection {
  const { written } = bodies;
  const count = (offsets.length - 1) / 2;
  const output = new Output(written.length + 5 * count + check.length * entries.length + 1024);
  const hints = new Hints(check.indexOf(IF));
  output.u32(count + generated.length);
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    const start = offsets[2 * index] as number;
    const code = offsets[2 * index + 1] as number;
    const end = offsets[2 * index + 2] as number;
    const entry = entries[index] === 1 ? check : check.subarray(0, 0);
    output.u32(end - start + entry.length);
    output.copy(written, start, code);
    output.append(entry);
    output.copy(written, code, end);
    hints.begin(firstDefined + index);
    if (entry.length > 0) {
      hints.add(code - start);
    }
    for (; next < checks.length && (checks[next] as number) < end; next += 1) {
      hints.add((checks[next] as number) - start + entry.length);
    }
  }
  for (const { body } of generated) {
    output.u32(body.length);
    output.append(body);
  }
  return { content: output, hints: hints.finish() };
}

class Hints {
  /** From the start of a check to its branch. */
  readonly #branch: number;
  readonly #functions = new Output();
  #count = 0;
  #func = 0;
  #offsets: number[] = [];

  constructor(branch: number) {
    this.#branch = branch;
  }

  begin(func: number): void {
    this.#flush();
    this.#func = func;
  }

  /** A check that is so far from the start of its function's locals. */
  add(offset: number): void {
    this.#offsets.push(offset + this.#branch);
  }

  finish(): Output | undefined {
    this.#flush();
    if (this.#count === 0) {
      return undefined;
    }
    const output = new Output(this.#functions.length + 64);
    output.name(HINTS);
    output.u32(this.#count);
    output.append(this.#functions.written);
    return output;
  }

  #flush(): void {
    if (this.#offsets.length === 0) {
      return;
    }
    this.#count += 1;
    this.#functions.u32(this.#func);
    this.#functions.u32(this.#offsets.length);
    for (const offset of this.#offsets) {
      this.#functions.u32(offset);
      this.#functions.append(UNLIKELY);
    }
    this.#offsets = [];
  }
}
