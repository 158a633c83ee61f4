// The names of what a component imports and exports, for those who choose what is plugged into what.
import { readComponent } from './read.ts';
import type { ExternSort } from './write-component.ts';

export interface Extern {
  /** As written: `a:b/c@1.0.0`, or a plain name. */
  readonly name: string;
  readonly kind: ExternSort;
}

export interface Externs {
  readonly imports: readonly Extern[];
  readonly exports: readonly Extern[];
}

/** Throws UserError for what is no component. */
export function describeExterns(bytes: Uint8Array, called = 'the component'): Externs {
  const { imports, exports } = readComponent(bytes, called);
  return {
    imports: [...imports.values()].map(({ name, type }) => ({
      name,
      kind: type.kind === 'named' ? 'type' : type.kind,
    })),
    exports: [...exports].map(([name, kind]) => ({ name, kind })),
  };
}
