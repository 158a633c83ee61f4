// A guest for the self-test: reads and writes single bytes of its memory.

/**
 * (module (import "" "m" (memory 0))
 *   (func (export "r") (param i32) (result i32) local.get 0 i32.load8_u)
 *   (func (export "w") (param i32 i32) local.get 0 local.get 1 i32.store8))
 */
const BINARY = [
  [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  [0x01, 0x0b, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x02, 0x7f, 0x7f, 0x00],
  [0x02, 0x07, 0x01, 0x00, 0x01, 0x6d, 0x02, 0x00, 0x00],
  [0x03, 0x03, 0x02, 0x00, 0x01],
  [0x07, 0x09, 0x02, 0x01, 0x72, 0x00, 0x00, 0x01, 0x77, 0x00, 0x01],
  [0x0a, 0x13, 0x02],
  [0x07, 0x00, 0x20, 0x00, 0x2d, 0x00, 0x00, 0x0b],
  [0x09, 0x00, 0x20, 0x00, 0x20, 0x01, 0x3a, 0x00, 0x00, 0x0b],
];

export interface Probe {
  read(address: number): number;
  write(address: number, byte: number): void;
  /** Whether reading there traps. */
  traps(address: number): boolean;
}

export function probe(memory: WebAssembly.Memory): Probe {
  const module = new WebAssembly.Module(Uint8Array.from(BINARY.flat()));
  const { r, w } = new WebAssembly.Instance(module, { '': { m: memory } }).exports as {
    r: (address: number) => number;
    w: (address: number, byte: number) => void;
  };
  return {
    read: r,
    write: w,
    traps: (address) => {
      try {
        r(address);
        return false;
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError) {
          // expected: this is what is asked for.
          return true;
        }
        throw error;
      }
    },
  };
}
