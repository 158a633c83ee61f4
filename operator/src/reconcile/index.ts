// Brings what exists to what the plan says, and keeps it there.
export { FIELD_MANAGER } from './applied-fields.ts';
export { startReconciling, type Reconciling } from './reconciling.ts';
export { createWatches, type Stores, type Watches } from './watches.ts';
