// A command for a Redis server: always an array of bulk strings, so that no argument can be taken for another.

export type Argument = string | bigint | number | Uint8Array;

const LINE_END = Buffer.from('\r\n');

export function encodeCommand(command: string, args: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length + 1}\r\n`)];
  for (const argument of [command, ...args]) {
    const bytes = argument instanceof Uint8Array ? argument : Buffer.from(String(argument));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, LINE_END);
  }
  return Buffer.concat(parts);
}
