// Assembles the body of one function; where an instruction is used often, its method has its name.
import { Output } from './output.ts';

const I32 = 0x7f;
/** log2 of an alignment, with the bit that says that the index of a memory follows. */
const ALIGN_4 = 2;
const OTHER_MEMORY = 0x40;

export class Body {
  readonly #output = new Output();

  /** `locals` of type i32 besides the parameters. */
  constructor(locals = 0) {
    this.#output.append(locals === 0 ? [0] : [1, locals, I32]);
  }

  /** Instructions in their binary form. */
  op(...bytes: readonly number[]): this {
    this.#output.append(bytes);
    return this;
  }

  localGet(index: number): this {
    return this.#indexed(0x20, index);
  }

  localTee(index: number): this {
    return this.#indexed(0x22, index);
  }

  globalGet(index: number): this {
    return this.#indexed(0x23, index);
  }

  globalSet(index: number): this {
    return this.#indexed(0x24, index);
  }

  call(index: number): this {
    return this.#indexed(0x10, index);
  }

  i32Const(value: number): this {
    this.#output.byte(0x41);
    this.#output.s32(value);
    return this;
  }

  /** i32.load at offset 0 of any memory. */
  load(memory: number): this {
    this.op(0x28, ALIGN_4 | OTHER_MEMORY);
    this.#output.u32(memory);
    return this.op(0);
  }

  /** What stands on the stack decides whether `then` runs; neither takes nor leaves anything else. */
  when(then: (body: this) => unknown): this {
    this.op(0x04, 0x40);
    then(this);
    return this.op(0x0b);
  }

  /** One of the instructions after 0xfc. */
  bulk(code: number, ...immediates: readonly number[]): this {
    this.#output.byte(0xfc);
    for (const number of [code, ...immediates]) {
      this.#output.u32(number);
    }
    return this;
  }

  /** The instructions so far, without the locals: for a sequence that goes into other bodies. */
  get instructions(): Uint8Array {
    return this.#output.written.subarray(1);
  }

  finish(): Uint8Array {
    this.#output.byte(0x0b);
    return this.#output.written;
  }

  #indexed(opcode: number, index: number): this {
    this.#output.byte(opcode);
    this.#output.u32(index);
    return this;
  }
}
