// What can be wrong with a composition that is the user's to mend.
import { UserError } from '@spindle/api';

/** The components and the plugs do not make one component. */
export const cannotCompose = (what: string, cause?: unknown): UserError =>
  new UserError(what, {
    code: 'SPK4070',
    remedy: 'Give each import of the component one dependency that exports it, built against the same WIT packages.',
    ...(cause === undefined ? {} : { cause }),
  });

/** An export that a dependency has is not of the type that the import asks for. */
export class ExportMismatch extends UserError {
  readonly import: string;
  readonly dependency: string;
  readonly export: string;
  /** What differs, in WIT's words: `function "get": parameter "key" is u32 where string is asked for`. */
  readonly difference: string;

  constructor(at: { import: string; dependency: string; export: string }, difference: string) {
    super(`export "${at.export}" of dependency "${at.dependency}" does not fit import "${at.import}": ${difference}`, {
      code: 'SPK4071',
      remedy: 'Build the component and the dependency against the same version of the interface.',
    });
    this.import = at.import;
    this.dependency = at.dependency;
    this.export = at.export;
    this.difference = difference;
  }
}
