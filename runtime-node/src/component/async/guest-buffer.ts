// The part of a guest's memory that a read or write of a stream or future goes to or comes from. Checked to be in bounds
// when it is made: a memory never shrinks while its guest runs.
import type { Codec } from '../abi/codec.ts';
import type { LiftLowerContext } from '../abi/lift-lower-context.ts';
import { elementCost } from '../abi/lists.ts';
import { Trap } from '../host-interface.ts';
import type { Batch } from './channel.ts';
import { MAX_COPY } from './events.ts';

/** Values that are lifted at once: a guest may offer as many as it has memory for, and the host would have them all. */
const MOST_VALUES = 4_096;

/** What a stream or future is of. */
export interface ElementType {
  /** Null for a stream or future without values. */
  readonly codec: Codec | null;
  /** Whether it moves bytes, which are copied whole. */
  readonly bytes: boolean;
  /** The same for types that are the same. */
  readonly key: string;
}

export class GuestBuffer {
  readonly #cx: LiftLowerContext;
  readonly #type: ElementType;
  readonly #pointer: number;
  readonly #length: number;
  /** Elements that were moved. */
  progress = 0;

  constructor(cx: LiftLowerContext, type: ElementType, pointer: number, length: number) {
    if (length > MAX_COPY) {
      throw new Trap(`a stream cannot copy more than ${MAX_COPY} elements at a time`);
    }
    if (type.codec !== null && length > 0) {
      cx.checkRange(pointer, length * type.codec.size, type.codec.alignment, 'stream or future');
    }
    this.#cx = cx;
    this.#type = type;
    this.#pointer = pointer;
    this.#length = length;
  }

  get rest(): number {
    return this.#length - this.progress;
  }

  /** Bytes are a view, good until the guest runs. */
  take(most: number): Batch {
    const { codec, bytes } = this.#type;
    const from = this.progress;
    if (bytes) {
      const count = Math.min(most, this.rest);
      this.progress += count;
      return this.#cx.bytes.subarray(this.#pointer + from, this.#pointer + from + count);
    }
    const count = Math.min(most, this.rest, MOST_VALUES);
    const values: unknown[] = [];
    this.#cx.beginLift();
    for (let i = 0; i < count; i++) {
      if (codec !== null) {
        this.#cx.charge(elementCost(codec));
      }
      values.push(codec?.load(this.#cx, this.#pointer + (from + i) * codec.size));
      this.progress++;
    }
    this.#cx.owner.arrived();
    return values;
  }

  /** No more than `rest`. */
  put(batch: Batch): void {
    const { codec, bytes } = this.#type;
    if (bytes) {
      if (!(batch instanceof Uint8Array)) {
        throw new TypeError('a stream<u8> moves Uint8Arrays');
      }
      this.#cx.bytes.set(batch, this.#pointer + this.progress);
      this.progress += batch.length;
      return;
    }
    for (const value of batch) {
      codec?.store(this.#cx, this.#pointer + this.progress * codec.size, value);
      this.progress++;
    }
  }
}
