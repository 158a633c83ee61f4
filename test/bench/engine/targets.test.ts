// Whether the engine's figures reach their targets.
import { expect, it } from 'vitest';
import type { LoopFigures } from './loop.ts';
import { verdicts } from './targets.ts';

const figures = (mode: LoopFigures['mode'], total: number, calibration = 100): LoopFigures => {
  const same = { p10: total, median: total, p95: total };
  return { guest: 'rhello', mode, callMode: 'trial', reset: same, run: same, total: same, calibration };
};

it.each([
  ['the median of the rounds of the best mode', [4, 5, 90].map((total) => figures('pagemap', total)), 5, 'yes'],
  ['not that of another mode', [figures('pagemap', 5.1), figures('copy', 20)], 5.1, 'no'],
  [
    'nothing when the process itself was twice as fast at times',
    [figures('pagemap', 4), figures('pagemap', 4, 201)],
    4,
    'no verdict',
  ],
  ['nothing without figures', [], undefined, 'no verdict'],
])('the verdict is on %s', (_name, given, value, reached) => {
  expect(verdicts(given)[0]).toMatchObject({ figure: 'reset plus run, rhello', value, reached });
});
