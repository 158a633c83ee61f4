// Puts the memories of an instance back to what they were right after instantiation.
export { chooseResetter, ResetModeUnavailable } from './choose.ts';
export { RESET_MODES, type MemoryResetter, type ResetMode } from './types.ts';
