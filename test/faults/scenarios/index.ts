// Every scenario.
import { LIVES } from './lives.ts';
import { OPERATORS } from './operators.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [...LIVES, ...OPERATORS];
