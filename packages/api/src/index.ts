// The public surface of the vocabulary: what every other package may use of it.
export { UserError, type ErrorPlace, type UserErrorOptions } from './errors.ts';
export type * from './locked-app/types.ts';
export type * from './variables/types.ts';
export type * from './manifest/types.ts';
