// What a run of the operator's benchmark has found; a part that was not asked for is absent.
import type { BurstRound } from './burst.ts';
import type { EditFigures } from './edits.ts';
import type { IdleFigures } from './idle.ts';
import type { StartFigures } from './start.ts';

export interface OperatorReport {
  readonly date: string;
  readonly node: string;
  readonly command: string;
  readonly cores: number;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly burst: readonly BurstRound[] | undefined;
  readonly edits: readonly EditFigures[] | undefined;
  readonly start: readonly StartFigures[] | undefined;
  readonly idle: IdleFigures | undefined;
}
