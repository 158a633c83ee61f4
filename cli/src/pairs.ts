// Flags of the form `key=value`.
import { invalidFlag } from './errors.ts';

/** All values of one flag as a map; a later one wins. */
export function parsePairs(flag: string, pairs: readonly string[] = []): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) {
        throw invalidFlag(flag, "in the form 'key=value'", pair);
      }
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** Collects a flag that may be given several times, for commander. */
export const repeatable = (value: string, earlier: string[] = []): string[] => [...earlier, value];
