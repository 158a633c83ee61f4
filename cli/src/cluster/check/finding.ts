// What a check has found: good, something to know, or a problem with its remedy.
export type State = 'ok' | 'note' | 'failed' | 'skipped';

export interface Finding {
  /** Stable, for programs: `operator`, `webhooks` … */
  readonly check: string;
  readonly state: State;
  readonly message: string;
  /** A whole sentence; with every problem. */
  readonly remedy?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message });
export const note = (check: string, message: string, remedy?: string): Finding => ({
  check,
  state: 'note',
  message,
  ...(remedy === undefined ? {} : { remedy }),
});
export const failed = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'failed',
  message,
  remedy,
});
export const skipped = (check: string, message: string): Finding => ({ check, state: 'skipped', message });
