import { expect, it } from 'vitest';
import { namesOf } from './executor-status.ts';

it('names so many apps as fit into a line', () => {
  const names = Array.from({ length: 12 }, (_, index) => `app-${String(index).padStart(2, '0')}`);
  expect(namesOf(names.toReversed())).toBe(
    'app-00, app-01, app-02, app-03, app-04, app-05, app-06, app-07, app-08, app-09 and 2 more',
  );
  expect(namesOf(['b', 'a'])).toBe('a, b');
});
