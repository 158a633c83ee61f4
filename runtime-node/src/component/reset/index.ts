// Puts the memories of an instance back to what they were right after instantiation.
export { chooseResetter, ResetModeUnavailable } from './choose.ts';
export { RESET_MODES } from './types.ts';
export type { MemoryImage, MemoryResetter, ResetMode, ResettableMemory } from './types.ts';
