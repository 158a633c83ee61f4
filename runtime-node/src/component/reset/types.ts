// How the memory of an instance gets back to what it was right after instantiation (docs/design, "reset").

/**
 * In order of preference:
 * - `pagemap`: a copy-on-write mapping of an image; the pages that were written are found and copied back.
 * - `madvise`: the same mapping; the kernel drops what was written.
 * - `copy`: the whole memory is copied back; no system calls. A memory that has grown cannot be put back.
 * - `fresh`: nothing is put back, each call gets a new instance.
 */
export type ResetMode = 'pagemap' | 'madvise' | 'copy' | 'fresh';

export const RESET_MODES: readonly ResetMode[] = ['pagemap', 'madvise', 'copy', 'fresh'];

/** What one memory held right after instantiation, shared by all slots of a component in this thread. */
export interface MemoryImage {
  /** In pages of 64 KiB. */
  readonly pages: number;
  /** Bytes of the image that are kept in this process (without what is all zero). */
  readonly bytes: number;
  /** Nothing can be attached any more; what is attached already stays as it is. */
  dispose(): void;
}

/** One guest memory that can be put back. Made once per slot; never reads an address or a length that a guest gave. */
export interface ResettableMemory {
  /**
   * The guest's size has become `pages`, at most the memory's real size: everything below becomes accessible. Called
   * after each growth that is not 0. Until then, touching what lies beyond the guest's size ends the guest's call when
   * the guest does it, and the process when JavaScript does it: views for the host must end at the guest's size.
   */
  grown(pages: number): void;
  /**
   * Puts back content and size. False when that is not possible: the slot must be dropped. After a shrink, an access
   * beyond the image's size traps, as in a new instance.
   */
  reset(): boolean;
  /**
   * Gives to the kernel what an idle slot holds beyond the image; the next reset or call finds the same content. Only
   * right after `reset`.
   */
  release(): void;
  /** Gives everything to the kernel that can be given: nobody uses this memory again. */
  drop(): void;
  /** Bytes that are private to this slot, as far as known. */
  readonly privateBytes: number;
}

export interface MemoryResetter {
  readonly mode: ResetMode;
  /** Why not a better mode; undefined for the best. */
  readonly reason: string | undefined;
  /** Takes the image of a memory right after instantiation. Throws when the system refuses (descriptors, memory). */
  capture(memory: WebAssembly.Memory): MemoryImage;
  /**
   * Binds a memory whose content equals the image now. The memory must have been made by the engine, and nothing but
   * this thread may ever write to it: a view of it is never given to asynchronous I/O or to another thread.
   * Throws when the system refuses (mappings), and for a memory that is bound already; the memory is then unusable.
   */
  attach(memory: WebAssembly.Memory, image: MemoryImage): ResettableMemory;
}
