// `host=localhost port=5432 user='a b'`, as libpq and the Rust driver read it: values in quotes or without, a backslash
// before what stands for itself.
import type { Setting } from './setting.ts';

/** One pair, with the space before it; `quoted` has no end when the last quote is missing. */
const PAIR = /\s*(?<key>[^\s=]+)\s*=\s*(?:'(?<quoted>(?:[^'\\]|\\.)*)'|(?<plain>(?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*))/sy;

export function readPairs(address: string): readonly Setting[] | undefined {
  const settings: Setting[] = [];
  const pattern = new RegExp(PAIR);
  while (address.slice(pattern.lastIndex).trim() !== '') {
    const { key, quoted, plain } = pattern.exec(address)?.groups ?? {};
    if (key === undefined) {
      return undefined;
    }
    settings.push([key, (quoted ?? plain ?? '').replaceAll(/\\(.)/gs, '$1')]);
  }
  return settings;
}
