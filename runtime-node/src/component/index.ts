// The component linker: from the bytes of a component to callable instances. Knows nothing of WASI or Spin.
export type * from './api.ts';
export type * from './plan.ts';
export * from './async/index.ts';
export { cancellable } from './cancellable.ts';
export * from './host-interface.ts';
export { prepareComponent, type ComponentRecipe } from './prepare/index.ts';
export { linkComponent, MustSuspend, type EngineOptions, type GuestWatch, type Interrupt } from './link/index.ts';
export { chooseResetter, RESET_MODES, ResetModeUnavailable, type MemoryResetter } from './reset/index.ts';
