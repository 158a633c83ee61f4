// What this process and its SQLite processes say to each other: plain data for the structured clone.

/** A value as node:sqlite has it: integers are bigint, reals number. */
export type RawValue = bigint | number | string | Uint8Array | null;

export interface Location {
  /** Undefined is a database in memory, a new one for each connection. */
  readonly path: string | undefined;
  /** ATTACH may open files. */
  readonly attachFiles: boolean;
}

export type Request =
  | {
      readonly kind: 'execute';
      readonly id: number;
      readonly connection: number;
      /** For the connection's first request, which opens it. */
      readonly location: Location;
      readonly statement: string;
      readonly parameters: readonly RawValue[];
    }
  | {
      readonly kind: 'batch';
      readonly id: number;
      readonly connection: number;
      readonly location: Location;
      readonly statements: string;
    }
  | { readonly kind: 'close'; readonly connection: number };

export interface RawResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly RawValue[])[];
  readonly lastInsertRowid: bigint;
  readonly changes: bigint;
}

export type Reply = { readonly id: number } & (
  | { readonly result: RawResult }
  /** A message for the guest. */
  | { readonly failure: string }
);
