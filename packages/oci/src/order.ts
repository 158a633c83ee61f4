// The order of names in what this package writes: by bytes of UTF-8, as Rust and tar tools sort, on every machine.

export const byCodePoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
