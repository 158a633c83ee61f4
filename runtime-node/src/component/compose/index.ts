// Several components to one: what of each is imported and exported, and the binary that holds them all.
export { compose, type Plug } from './compose.ts';
export { describeExterns, type Externs } from './describe.ts';
export { ExportMismatch } from './errors.ts';
