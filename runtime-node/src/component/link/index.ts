// Linking: a prepared component and the host's interfaces in, instances out.
export { linkComponent } from './link.ts';
export { MustSuspend } from './must-suspend.ts';
export type { EngineOptions, GuestWatch, Interrupt } from './engine.ts';
