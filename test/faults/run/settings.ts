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
  /** Of all that are chosen, in the order of the seed. */
  readonly part: Part;
}

/** `{ number: 2, of: 3 }`: the second third, for machines that share the work. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

/**
 * SPINDLE_FAULTS=short|all, SPINDLE_FAULTS_SCENARIOS=<names, by commas>, SPINDLE_FAULTS_ONLY=<part of a plan's name>,
 * SPINDLE_FAULTS_PART=<number>/<of how many>, SPINDLE_FAULTS_SEED, SPINDLE_FAULTS_WORKERS.
 */
export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const which = env['SPINDLE_FAULTS'] ?? 'all';
  if (which !== 'short' && which !== 'all') {
    throw new Error(`SPINDLE_FAULTS is ${which}; it may be short or all`);
  }
  const [number = 1, of = 1] = (env['SPINDLE_FAULTS_PART'] ?? '1/1').split('/').map(Number);
  if (!(number >= 1 && number <= of)) {
    throw new Error(`SPINDLE_FAULTS_PART is ${env['SPINDLE_FAULTS_PART']}; it may be 1/2 or 2/2, for example`);
  }
  const names = env['SPINDLE_FAULTS_SCENARIOS']?.split(',');
  const only = env['SPINDLE_FAULTS_ONLY'] ?? '';
  return {
    seed: Number(env['SPINDLE_FAULTS_SEED'] ?? 1),
    // On two cores: a run mostly waits whether something more is written.
    workers: Number(env['SPINDLE_FAULTS_WORKERS'] ?? 5),
    scenarios: SCENARIOS.filter(({ name }) => names === undefined || names.includes(name)),
    part: { number, of },
    chosen: (plan) => plan.name.includes(only) && (which === 'all' || isShort(plan)),
  };
}

export const isShort = ({ kind }: Plan): boolean => SHORT_ACTIONS.test(kind);
