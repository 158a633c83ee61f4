// How long to wait, as kubectl and helm read it: 90s, 5m, 1h30m; a number without a unit is seconds.
import { invalidFlag } from '../errors.ts';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const PART = /(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)/g;

/** A timer of Node counts to so many milliseconds. */
const MOST = 2 ** 31 - 1;

/** In milliseconds. */
export function waitTime(text: string): number {
  const whole = /^\d+$/.test(text) ? `${text}s` : text;
  const value = WHOLE.test(whole)
    ? [...whole.matchAll(PART)].reduce(
        (sum, { groups }) => sum + Number(groups?.['count']) * MS[groups?.['unit'] as keyof typeof MS],
        0,
      )
    : Number.NaN;
  if (!(value > 0 && value <= MOST)) {
    throw invalidFlag('--timeout', 'a time above 0, such as 90s or 5m', text);
  }
  return Math.ceil(value);
}
