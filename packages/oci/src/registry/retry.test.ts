import { expect, test } from 'vitest';
import { thrown } from '../testing/thrown.ts';
import { nextDelay, parseRetryAfter, retrying, type RetryPolicy } from './retry.ts';
import { TransportError } from './transport-error.ts';

const policy: RetryPolicy = {
  attempts: 4,
  firstDelayMs: 100,
  maxDelayMs: 1000,
  random: () => 0.5,
  sleep: async () => {},
};
const busy = new TransportError('busy', { retryable: true });

test.each([
  ['the first failure waits about the first delay', 1, busy, 75],
  ['each further one twice as long', 3, busy, 300],
  ['the last try is the last', 4, busy, undefined],
  ['what cannot get better is not tried again', 1, new TransportError('no', { retryable: false }), undefined],
  ['an error of another kind is not tried again', 1, new Error('bug'), undefined],
  ['what the server asks for is obeyed', 1, new TransportError('busy', { retryable: true, retryAfterMs: 900 }), 900],
  [
    'but not longer than is bearable',
    1,
    new TransportError('busy', { retryable: true, retryAfterMs: 1001 }),
    undefined,
  ],
])('%s', (_, failures, error, expected) => {
  expect(nextDelay(policy, failures, error)).toBe(expected);
});

test('no delay is longer than the longest', () => {
  expect(nextDelay({ ...policy, attempts: 100, random: () => 0.999_999 }, 50, busy)).toBeLessThanOrEqual(1000);
});

test('an operation is repeated until it works', async () => {
  let tries = 0;
  const result = await retrying(policy, undefined, async () => {
    tries += 1;
    if (tries < 3) {
      throw busy;
    }
    return tries;
  });
  expect(result).toBe(3);
});

test('giving up while waiting ends the operation', async () => {
  const reason = new Error('enough');
  const sleeping: RetryPolicy = { ...policy, sleep: async () => Promise.reject(reason) };
  expect(await thrown(() => retrying(sleeping, undefined, () => Promise.reject(busy)))).toBe(reason);
});

test.each([
  [null, undefined],
  ['0', 0],
  ['120', 120_000],
  ['-1', undefined],
  ['soon', undefined],
  ['1e9', undefined],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
])('retry-after %j is %s ms at ten seconds past the epoch', (value, expected) => {
  expect(parseRetryAfter(value, 10_000)).toBe(expected);
});
