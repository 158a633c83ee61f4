import { describe, expect, it } from 'vitest';
import { DURATION_BUCKETS, ThreadMeters } from './meters.ts';

const NOTHING = { gauges: () => ({ queue: 0, instances: [] }), dropped: () => [], resets: () => [] };

describe('the meters of a thread', () => {
  it('give what was counted since the last reading, and nothing twice', () => {
    const meters = new ThreadMeters(() => {});
    meters.request('a', 200, 0.0003);
    meters.request('a', 204, 0.0001);
    meters.request('a', 503, 60);
    meters.limit('a', 'memory');
    meters.limit('a', 'memory');
    let failed = 1;
    meters.watch({ ...NOTHING, dropped: () => [{ component: 'b', reason: 'Failed', count: failed }] });
    const { requests, limits, dropped } = meters.read();
    expect(requests).toEqual([
      { component: 'a', classes: [0, 2, 0, 0, 1], buckets: expect.anything(), seconds: 60.0004 },
    ]);
    const buckets = requests[0]?.buckets ?? [];
    expect(buckets).toHaveLength(DURATION_BUCKETS.length + 1);
    expect(buckets.flatMap((count, index) => (count > 0 ? [[DURATION_BUCKETS[index], count]] : []))).toEqual([
      [0.0001, 1],
      [0.0005, 1],
      [undefined, 1],
    ]);
    expect(limits).toEqual([{ component: 'a', limit: 'memory', count: 2 }]);
    expect(dropped).toEqual([{ component: 'b', reason: 'Failed', count: 1 }]);
    expect(meters.read()).toMatchObject({ requests: [], limits: [], dropped: [] });
    failed = 4;
    expect(meters.read().dropped).toEqual([{ component: 'b', reason: 'Failed', count: 3 }]);
  });

  it('say once that there is something to read', () => {
    let changes = 0;
    const meters = new ThreadMeters(() => (changes += 1));
    meters.request('a', 200, 0);
    meters.request('a', 200, 0);
    expect(changes).toBe(1);
    meters.read();
    expect(changes).toBe(1);
    meters.limit('a', 'memory');
    expect(changes).toBe(2);
  });

  it('look at what is there when they are read', () => {
    const meters = new ThreadMeters(() => {});
    expect(meters.read().gauges).toEqual({ queue: 0, instances: [] });
    let queue = 1;
    meters.watch({ ...NOTHING, gauges: () => ({ queue, instances: [] }) });
    queue = 2;
    expect(meters.read().gauges.queue).toBe(2);
  });
});
