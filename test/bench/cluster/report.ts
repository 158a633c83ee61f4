// What a run of the cluster's benchmark has found; a part that was not asked for is absent.
import type { FirstAnswer } from './first-answer.ts';
import type { Rolling } from './rolling.ts';

export interface ClusterReport {
  readonly date: string;
  readonly node: string;
  readonly command: string;
  readonly cores: number;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly imageBytes: Readonly<Record<'operator' | 'runtime', number>>;
  /** Of each `helm install --wait`. */
  readonly installSeconds: readonly number[] | undefined;
  readonly firstAnswers: readonly FirstAnswer[] | undefined;
  readonly rolling: Rolling | undefined;
  readonly idlePodBytes: number | undefined;
}
