import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { LimitExceeded, LIMITS, type LimitName } from './limit-exceeded.ts';

describe('a limit that was exceeded', () => {
  it.each<[LimitName, number | undefined, number, string]>([
    ['request time', 5000, 504, 'the request time limit of 5 s was reached; --request-timeout raises it'],
    ['cpu time', 250, 504, 'the cpu time limit of 250 ms was reached; --cpu-timeout raises it'],
    ['memory', 134_217_728, 500, 'the memory limit of 128 MiB was reached; --max-instance-memory raises it'],
    ['memory', 100_000, 500, 'the memory limit of 100000 bytes was reached; --max-instance-memory raises it'],
    ['handles', 100_000, 500, 'the handles limit of 100000 was reached'],
    ['memory', undefined, 500, 'the memory limit was reached'],
    ['stack', undefined, 500, 'the stack limit was reached'],
  ])('in %s says which one, how large, and how to raise it', (limit, value, status, message) => {
    const error = new LimitExceeded(limit, value === undefined ? {} : { value });
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ limit, value, status, message, code: 'SPK4050' });
  });

  it('names the flag as its place, and gives no advice where there is none', () => {
    expect(new LimitExceeded('memory', { value: 65_536 })).toMatchObject({
      place: { field: '--max-instance-memory' },
      remedy: expect.stringContaining('--max-instance-memory'),
    });
    expect(new LimitExceeded('table', { value: 1 }).remedy).toBeUndefined();
    expect(new LimitExceeded('memory').remedy).toBeUndefined();
  });

  it('is told to the client as 504 when it is one of time, else as 500', () => {
    const timed = Object.entries(LIMITS).filter(([, { status }]) => status === 504);
    expect(timed.map(([name]) => name)).toEqual(['request time', 'cpu time', 'thread stall']);
  });
});
