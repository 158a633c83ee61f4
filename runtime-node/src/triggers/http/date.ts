// The `date` header, made once per second: formatting it for every response would cost as much as routing.

const SECOND = 1000;

let cached = '';
let cachedSecond = -1;

/** The time of now as RFC 9110 §5.6.7 wants it. */
export function httpDate(now: number = Date.now()): string {
  const second = Math.floor(now / SECOND);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cached = new Date(second * SECOND).toUTCString();
  }
  return cached;
}
