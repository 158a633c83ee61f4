// Days and times as PostgreSQL sends them, counted from 2000-01-01, and as guests have them. Proleptic Gregorian calendar,
// year 0 is 1 BC, as in the Rust crate chrono (whose range of years is taken over too).
import type { Day, Time } from '../value.ts';

const MIN_YEAR = -262_143;
const MAX_YEAR = 262_142;

/** Days from 1970-01-01 to 2000-01-01. */
const EPOCH_DAYS = 10_957;
/** Seconds between the two. */
const EPOCH_SECONDS = BigInt(EPOCH_DAYS) * 86_400n;

const DAY_MICROS = 86_400_000_000n;
const NANOS = 1_000_000_000;

/** Days of a 400-year cycle, and from 0000-03-01, with which a year of the calculation begins, to 1970-01-01. */
const CYCLE_DAYS = 146_097;
const CYCLE_YEARS = 400;
const MARCH_OFFSET_DAYS = 719_468;

/** Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil). */
function daysFromCivil([year, month, day]: Day): number {
  const y = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(y / CYCLE_YEARS);
  const yearOfCycle = y - cycle * CYCLE_YEARS;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfCycle = yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * CYCLE_DAYS + dayOfCycle - MARCH_OFFSET_DAYS;
}

function civilFromDays(days: number): Day {
  const shifted = days + MARCH_OFFSET_DAYS;
  const cycle = Math.floor(shifted / CYCLE_DAYS);
  const dayOfCycle = shifted - cycle * CYCLE_DAYS;
  const yearOfCycle = Math.floor(
    (dayOfCycle - Math.floor(dayOfCycle / 1460) + Math.floor(dayOfCycle / 36_524) - Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfCycle + cycle * CYCLE_YEARS + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1];
}

export function isDay(day: Day): boolean {
  const [year, month, date] = day;
  return (
    year >= MIN_YEAR &&
    year <= MAX_YEAR &&
    month >= 1 &&
    month <= 12 &&
    date >= 1 &&
    civilFromDays(daysFromCivil(day))[2] === date
  );
}

/** A leap second is the 59th with up to two seconds of nanoseconds. */
export const isTime = ([hour, minute, second, nanosecond]: Time): boolean =>
  hour < 24 && minute < 60 && second < 60 && nanosecond < (second === 59 ? 2 * NANOS : NANOS);

export const daysOf = (day: Day): number => daysFromCivil(day) - EPOCH_DAYS;

/** undefined: beyond all years, or infinite. */
export function dayFrom(days: number): Day | undefined {
  const day = civilFromDays(days + EPOCH_DAYS);
  return day[0] < MIN_YEAR || day[0] > MAX_YEAR ? undefined : day;
}

export const microsOfTime = ([hour, minute, second, nanosecond]: Time): bigint =>
  BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + BigInt(Math.floor(nanosecond / 1000));

/** undefined: not within a day. */
export function timeFrom(micros: bigint): Time | undefined {
  if (micros < 0n || micros >= DAY_MICROS) {
    return undefined;
  }
  const seconds = Number(micros / 1_000_000n);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, Number(micros % 1_000_000n) * 1000];
}

export const microsOf = (day: Day, time: Time): bigint => BigInt(daysOf(day)) * DAY_MICROS + microsOfTime(time);

export function datetimeFrom(micros: bigint): readonly [...Day, ...Time] | undefined {
  const time = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  const day = dayFrom(Number((micros - time) / DAY_MICROS));
  const within = timeFrom(time);
  return day === undefined || within === undefined ? undefined : [...day, ...within];
}

/** From seconds since 1970; undefined: beyond all years. */
export function microsOfTimestamp(seconds: bigint): bigint | undefined {
  const micros = (seconds - EPOCH_SECONDS) * 1_000_000n;
  return datetimeFrom(micros) === undefined ? undefined : micros;
}
