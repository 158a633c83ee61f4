// Several components to one: what of each is imported and exported, and the binary that holds them all.
export { compose, type Dependency, type Plug } from './compose.ts';
export { describeExterns, type Extern, type Externs } from './describe.ts';
export { ExportMismatch } from './errors.ts';
