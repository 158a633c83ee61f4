// What the flags of `deploy` say.
import type { ClusterFlags } from '../options.ts';

export interface DeployFlags extends ClusterFlags {
  readonly from?: string;
  readonly push?: boolean;
  readonly build?: boolean;
  readonly file?: string;
  readonly profile?: string;
  readonly insecure?: boolean;
  readonly name?: string;
  readonly replicas?: number;
  readonly executor?: string;
  readonly variable?: string[];
  readonly component?: string[];
  readonly imagePullSecret?: string[];
  readonly serviceAccountName?: string;
  /** `true` is upstream's flag without a value. */
  readonly dryRun?: 'client' | 'server' | true;
  readonly diff?: boolean;
  readonly forceConflicts?: boolean;
  /** False with --no-wait. */
  readonly wait: boolean;
}
