// Runtime-config Secrets of earlier generations: upstream keeps them until the app goes. A Secret stays as long as a
// ReplicaSet names it, since a rollback needs it (control-plane contract §2.4, Appendix B.10).
import { APP_NAME_LABEL, RUNTIME_CONFIG_KEY } from '@spindle/api';
import type { Owner } from './owner.ts';

/** Metadata of a Secret of the app's namespace; `keys` are those of its data. */
export interface SecretSeen {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerUids: readonly string[];
  readonly keys: readonly string[];
}

export interface OldSecretInputs {
  readonly owner: Owner;
  readonly secrets: readonly SecretSeen[];
  /** Names of Secrets that pod templates of the app's ReplicaSets mount. */
  readonly mounted: ReadonlySet<string>;
  /** The one that the plan names. */
  readonly current: string | undefined;
}

export function oldSecrets({ owner, secrets, mounted, current }: OldSecretInputs): SecretSeen[] {
  return secrets.filter(
    (secret) =>
      isGenerated(owner, secret) && secret.name !== current && !mounted.has(secret.name) && secret.keys.length === 1,
  );
}

/** Whether the operator, or upstream's, has made it for this very app. */
function isGenerated(owner: Owner, { name, labels, ownerUids, keys }: SecretSeen): boolean {
  const hash = name.startsWith(`${owner.name}-`) ? name.slice(owner.name.length + 1) : '';
  return (
    labels[APP_NAME_LABEL] === owner.name &&
    ownerUids.includes(owner.uid) &&
    /^[0-9a-f]{1,8}$/.test(hash) &&
    keys.includes(RUNTIME_CONFIG_KEY)
  );
}
