// The views through which the host sees a guest's memory: of its own size, which may be less than the buffer's.

export interface MemoryViews {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same bytes with Node's string conversions, which are the fastest there are. */
  readonly text: Buffer;
}

export const viewsOf = (buffer: ArrayBuffer, size: number): MemoryViews => ({
  bytes: new Uint8Array(buffer, 0, size),
  view: new DataView(buffer, 0, size),
  text: Buffer.from(buffer, 0, size),
});
