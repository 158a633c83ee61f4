import { expect, it } from 'vitest';
import { parseWrk } from './load.ts';

const REPORT = `Running 2s test @ http://127.0.0.1:3000/
  1 threads and 5 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   190.10us  100.00us   3.00ms   90.00%
    Req/Sec    25.00k     1.00k   27.00k    70.00%
  Latency Distribution
     50%  178.00us
     75%  220.00us
     90%  300.00us
     99%    1.25ms
  50123 requests in 2.00s, 7.21MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  25061.50
Transfer/sec:      3.60MB
`;

it('reads rates, percentiles in milliseconds and every kind of error from the report of wrk', () => {
  expect(parseWrk(REPORT)).toEqual({ requestsPerSecond: 25061.5, requests: 50123, p50: 0.178, p99: 1.25, errors: 15 });
});
