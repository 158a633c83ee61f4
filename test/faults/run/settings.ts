// Which plans a run of the matrix has: all, a short selection, or those whose names match, to try one again.
import { SCENARIOS } from '../scenarios/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Plan } from './plans.ts';

/** One kill on each side, a lost reply, and one of what is told to be tried again. */
const SHORT_ACTIONS = /^write: (kill-before|kill-after|lose-reply|429)$/;

export interface Settings {
  readonly seed: number;
  readonly workers: number;
  readonly scenarios: readonly Scenario[];
  readonly chosen: (plan: Plan) => boolean;
}

/**
 * SPINDLE_FAULTS=short|all, SPINDLE_FAULTS_SCENARIOS=<names, by commas>, SPINDLE_FAULTS_ONLY=<part of a plan's name>,
 * SPINDLE_FAULTS_SEED, SPINDLE_FAULTS_WORKERS.
 */
export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const which = env['SPINDLE_FAULTS'] ?? 'all';
  if (which !== 'short' && which !== 'all') {
    throw new Error(`SPINDLE_FAULTS is ${which}; it may be short or all`);
  }
  const names = env['SPINDLE_FAULTS_SCENARIOS']?.split(',');
  const only = env['SPINDLE_FAULTS_ONLY'] ?? '';
  return {
    seed: Number(env['SPINDLE_FAULTS_SEED'] ?? 1),
    // On two cores: a run mostly waits whether something more is written.
    workers: Number(env['SPINDLE_FAULTS_WORKERS'] ?? 5),
    scenarios: SCENARIOS.filter(({ name }) => names === undefined || names.includes(name)),
    chosen: (plan) => plan.name.includes(only) && (which === 'all' || isShort(plan)),
  };
}

export const isShort = ({ kind }: Plan): boolean => SHORT_ACTIONS.test(kind);
