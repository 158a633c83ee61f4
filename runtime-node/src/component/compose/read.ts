// A component as composition sees it: bytes, imports with their types, and what its exports are called.
import { UserError } from '@spindle/api';
import { readBinary } from '../decode/binary/component.ts';
import { DecodeError } from '../decode/binary/error.ts';
import type { BinarySyntax } from '../decode/binary/syntax.ts';
import { readImports } from './read-imports.ts';
import type { Import } from './types.ts';
import type { ExternSort } from './write-component.ts';

export interface ReadComponent {
  /** How messages name it. */
  readonly called: string;
  readonly bytes: Uint8Array;
  readonly syntax: BinarySyntax;
  readonly imports: ReadonlyMap<string, Import>;
  readonly exports: ReadonlyMap<string, ExternSort>;
}

export function readComponent(bytes: Uint8Array, called: string): ReadComponent {
  return blaming(called, () => {
    const syntax = readBinary(bytes);
    const { definitions } = syntax.root;
    const exports = definitions.flatMap((one) =>
      one.kind === 'export' ? [[one.item.name, one.item.sort] as const] : [],
    );
    const imports = readImports(definitions).map((one) => [one.name, one] as const);
    return { called, bytes, syntax, imports: new Map(imports), exports: new Map(exports) };
  });
}

/** Whatever is wrong with the bytes is said of the component that they are. */
export function blaming<Result>(called: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    const { message, offset, remedy } = error;
    throw new UserError(`${called}: ${message}`, { code: 'SPK4010', field: `byte ${offset}`, remedy, cause: error });
  }
}
