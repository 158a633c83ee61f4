// Header lists between node:http's flat arrays and the host's pairs.
import type { HeaderList } from './exchange.ts';

/** `[name, value, name, value]` as pairs. */
export function pairs(raw: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    list.push([raw[i] as string, raw[i + 1] as string]);
  }
  return list;
}

/** True when a list has a field; `name` in lower case. */
export function hasField(list: HeaderList, name: string): boolean {
  return list.some(([field]) => field.length === name.length && field.toLowerCase() === name);
}
