// Limits of components and of the process: what they are, what reaching one means, and the clock that many requests
// share. Enforced where the work is done.
export type { Limits } from './limits.ts';
export { DEFAULT_LIMITS, limitsFrom, shareLimits, usefulThreads, type GivenLimits } from './defaults.ts';
export { LimitExceeded } from './limit-exceeded.ts';
export { classifyFailure } from './classify.ts';
export { INSTANCE_MEMORY_KEY, instanceMemorySetting } from './instance-memory-setting.ts';
export { memoryIsShort } from './memory-pressure.ts';
export { Deadlines } from './deadlines.ts';
