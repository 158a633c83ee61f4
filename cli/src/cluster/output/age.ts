// Times as kubectl shows them: 45s, 5m12s, 3h4m, 2d5h, 45d.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function age(since: string | null | undefined, now: Date): string {
  const begun = since ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(begun)) {
    return '<unknown>';
  }
  const seconds = Math.max(0, Math.floor((now.getTime() - begun) / 1000));
  // The limits of apimachinery's HumanDuration.
  if (seconds < 2 * MINUTE) {
    return `${seconds}s`;
  }
  if (seconds < 10 * MINUTE) {
    return two(seconds, MINUTE, 'm', 1, 's');
  }
  if (seconds < 3 * HOUR) {
    return `${Math.floor(seconds / MINUTE)}m`;
  }
  if (seconds < 8 * HOUR) {
    return two(seconds, HOUR, 'h', MINUTE, 'm');
  }
  if (seconds < 2 * DAY) {
    return `${Math.floor(seconds / HOUR)}h`;
  }
  return seconds < 8 * DAY ? two(seconds, DAY, 'd', HOUR, 'h') : `${Math.floor(seconds / DAY)}d`;
}

function two(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
}
