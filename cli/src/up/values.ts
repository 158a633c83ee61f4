// Numbers and times as flags take them. Spin's own flags are read as Spin reads them (Rust's integers, whole or with a
// unit; spin-contract.md §3.5, §5.3), and wrong ones are told apart here rather than at the first request.
import { invalidFlag } from '../errors.ts';

/** What commander calls with the text of a flag. */
type Parse<T> = (text: string) => T;

const WHOLE = /^\+?\d+$/;

interface Bounds {
  readonly least: number;
  readonly most?: number;
  /** Completes "must be …". */
  readonly expected: string;
  readonly remedy?: string;
}

export const wholeNumber =
  (flag: string, { least, most = Number.MAX_SAFE_INTEGER, expected, remedy }: Bounds): Parse<number> =>
  (text) => {
    const value = WHOLE.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw invalidFlag(flag, expected, text, remedy);
    }
    return value;
  };

/** From `from` to below `to`, or just `from` when they are the same; in milliseconds, also parts of one. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Micro has two code points that look alike. */
const TIME = /^\+?(?<count>\d{1,20})(?<unit>s|ms|us|\u03bcs|\u00b5s|ns)?$/u;

/** Units per millisecond; dividing by whole numbers keeps whole results exact. */
const PER_MILLISECOND = { s: 1 / 1000, ms: 1, us: 1000, '\u03bcs': 1000, '\u00b5s': 1000, ns: 1_000_000 } as const;

/** In milliseconds; undefined when it is no time. */
function time(text: string): number | undefined {
  const { count, unit = 's' } = TIME.exec(text)?.groups ?? {};
  const value = Number(count) / PER_MILLISECOND[unit as keyof typeof PER_MILLISECOND];
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

const TIME_REMEDY = 'Write a whole number with s, ms, us or ns after it; without a unit they are seconds.';

/** A time of at least `least` milliseconds, in whole ones: nothing here is timed more finely. */
export const duration =
  (flag: string, { least, expected }: Pick<Bounds, 'least' | 'expected'>): Parse<number> =>
  (text) => {
    const value = Math.ceil(time(text) ?? Number.NaN);
    if (!(value >= least)) {
      throw invalidFlag(flag, expected, text, TIME_REMEDY);
    }
    return value;
  };

/** A time above 0, or `a..b`. */
export const durationRange =
  (flag: string): Parse<TimeRange> =>
  (text) => {
    const [first = '', second, ...more] = text.split('..');
    const from = time(first);
    const to = second === undefined ? from : time(second);
    const whole = more.length === 0 && from !== undefined && to !== undefined;
    if (!whole || !(second === undefined ? from > 0 : from < to)) {
      throw invalidFlag(flag, 'a time above 0, or a range of times', text, `${TIME_REMEDY} A range is 1..8s.`);
    }
    return { from, to };
  };

/** One time of the range in whole milliseconds; `random` gives numbers from 0 to below 1. */
export const timeWithin = ({ from, to }: TimeRange, random: () => number): number =>
  Math.max(1, Math.ceil(from + random() * (to - from)));
