// The writes of one app's plan, each only where it makes a difference. Each write says which app it is for, so that the next
// plan for that app is not made before the stores show it (kube-client 14, 16, 18).
import { isDeepStrictEqual } from 'node:util';
import { APP_NAME_LABEL, type Secret } from '@spindle/api';
import {
  isAlreadyExists,
  isNotFound,
  type CallOptions,
  type Expectations,
  type KubeClient,
  type KubeObject,
  type ObjectName,
  type Observed,
} from '@spindle/kube';
import type { DeploymentObject, ObjectSeen, SecretObject, SecretSeen, ServiceObject } from '../plan/index.ts';
import { FIELD_MANAGER, intentFingerprint } from './applied-fields.ts';
import { caSecret } from './ca-secret.ts';
import {
  contentOf,
  keptDeployment,
  keptObject,
  keptSecret,
  type KeptDeployment,
  type KeptObject,
  type KeptSecret,
} from './kept.ts';
import { Refused, refusalOf, type WrittenKind } from './refusal.ts';
import { DEPLOYMENTS, SECRETS, SERVICES, type Deployment } from './resources.ts';
import type { Stores } from './watches.ts';

/** Holds the number of pods until whoever is to set it does: what nobody has applied would become 1. */
const REPLICAS_MANAGER = `${FIELD_MANAGER}-replicas`;

type Key = Required<ObjectName>;

export interface WriteOptions {
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly expectations: Expectations;
}

export class Writes {
  readonly #client: KubeClient;
  readonly #stores: Stores;
  readonly #expectations: Expectations;
  /**
   * What an intent looked like on the API server where it is not what was sent (it writes 1024Mi as 1Gi): by object, so that
   * the same is not applied for ever. Forgotten at the end of the process, at the cost of one apply that changes nothing.
   */
  readonly #normalized = new Map<string, { readonly intent: string; readonly applied: string | undefined }>();

  constructor({ client, stores, expectations }: WriteOptions) {
    this.#client = client;
    this.#stores = stores;
    this.#expectations = expectations;
  }

  /** The app is gone. */
  forget({ namespace, name }: ObjectName): void {
    this.#normalized.delete(`Deployment/${namespace}/${name}`);
    this.#normalized.delete(`Service/${namespace}/${name}`);
  }

  /** `known` are the app's Secrets, as the store has them. */
  async secret(
    app: Key,
    uid: string,
    intent: SecretObject,
    known: readonly KeptSecret[],
    call: CallOptions,
  ): Promise<void> {
    const isDone = ({ seen, content }: KeptSecret): boolean =>
      seen.name === intent.metadata.name && seen.ownerUids.includes(uid) && content === contentOf(intent.data);
    if (known.some(isDone)) {
      return;
    }
    const name = { namespace: app.namespace, name: intent.metadata.name };
    await refusing('Secret', async () => {
      try {
        await this.#expected(app, name, () => this.#client.create<Secret>(SECRETS, intent, call));
        return;
      } catch (error) {
        // expected: made in an earlier life, by upstream, or by somebody else.
        if (!isAlreadyExists(error)) {
          throw error;
        }
      }
      const live = (await this.#client.get<Secret>(SECRETS, name, call)) as Secret & Observed;
      if (!isDone(keptSecret(live)) && isSecretToMend(app, intent, live)) {
        await this.#expected(app, name, () => this.#client.replace<Secret>(SECRETS, mended(intent, live), call));
      }
    });
  }

  async caSecret(app: Key, name: string, call: CallOptions): Promise<void> {
    await refusing('Secret', async () => {
      try {
        await this.#client.create<Secret>(SECRETS, caSecret({ namespace: app.namespace, name }), call);
      } catch (error) {
        // expected: another app of the namespace was faster, or its user.
        if (!isAlreadyExists(error)) {
          throw error;
        }
      }
    });
  }

  async handOverReplicas(app: Key, replicas: number, call: CallOptions): Promise<void> {
    await this.#expectations.write(app, this.#stores.deployments, app, () =>
      this.#client.apply(
        DEPLOYMENTS,
        { metadata: app, spec: { replicas } },
        { ...call, fieldManager: REPLICAS_MANAGER },
      ),
    );
  }

  /** Undefined when it is as it should be. */
  async deployment(
    app: Key,
    intent: DeploymentObject,
    known: KeptDeployment | undefined,
    call: CallOptions,
  ): Promise<KeptDeployment | undefined> {
    if (this.#isApplied('Deployment', app, intent, known)) {
      return undefined;
    }
    const applied = await refusing('Deployment', () =>
      this.#expectations.write(app, this.#stores.deployments, app, () =>
        this.#client.apply<Deployment>(DEPLOYMENTS, intent, { ...call, force: known !== undefined }),
      ),
    );
    return this.#remember('Deployment', app, intent, keptDeployment(applied as Deployment & Observed));
  }

  async service(
    app: Key,
    intent: ServiceObject,
    known: KeptObject | undefined,
    call: CallOptions,
  ): Promise<KeptObject | undefined> {
    if (this.#isApplied('Service', app, intent, known)) {
      return undefined;
    }
    const applied = await refusing('Service', () =>
      this.#expectations.write(app, this.#stores.services, app, () =>
        this.#client.apply<KubeObject>(SERVICES, intent, { ...call, force: known !== undefined }),
      ),
    );
    return this.#remember('Service', app, intent, keptObject(applied as Observed));
  }

  /** Read again before: what a store shows may be of yesterday, and a deletion cannot be taken back. */
  async deleteDeployment(app: Key, seen: ObjectSeen, call: CallOptions): Promise<void> {
    const live = await this.#client.find(DEPLOYMENTS, app, call);
    if (live === undefined || live.metadata.uid !== seen.uid || live.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const kept = keptDeployment(live as Deployment & Observed);
    if (kept.controller !== seen.controller || kept.appName !== seen.appName) {
      return;
    }
    const { uid, resourceVersion } = kept.metadata;
    await this.#expectations.remove(app, this.#stores.deployments, kept, () =>
      this.#client.delete(DEPLOYMENTS, app, { ...call, preconditions: { uid, resourceVersion } }),
    );
  }

  /** Whether anything mounts it was asked of the API server just now; its version says that it is what was looked at. */
  async deleteSecret(app: Key, { name, uid, resourceVersion }: SecretSeen, call: CallOptions): Promise<void> {
    const object = { namespace: app.namespace, name };
    const kept = this.#stores.ownSecrets.get(object);
    const remove = (): Promise<boolean> =>
      this.#client.delete(SECRETS, object, { ...call, preconditions: { uid, resourceVersion } });
    await (kept === undefined ? remove() : this.#expectations.remove(app, this.#stores.ownSecrets, kept, remove));
  }

  /** A Secret without our label comes into no store, so nothing is waited for. */
  #expected<T extends KubeObject>(app: Key, name: ObjectName, act: () => Promise<T>): Promise<T> {
    return this.#expectations.write(app, this.#stores.ownSecrets, name, act);
  }

  #isApplied(kind: WrittenKind, app: Key, intent: object, known: KeptObject | undefined): boolean {
    if (known === undefined) {
      return false;
    }
    // What is going away takes no change; its going will be heard of.
    if (known.metadata.deletionTimestamp !== undefined) {
      return true;
    }
    const wanted = intentFingerprint(intent);
    const normalized = this.#normalized.get(`${kind}/${app.namespace}/${app.name}`);
    return (
      known.applied === wanted ||
      (normalized?.intent === wanted && isDeepStrictEqual(normalized.applied, known.applied))
    );
  }

  #remember<T extends KeptObject>(kind: WrittenKind, app: Key, intent: object, kept: T): T {
    const wanted = intentFingerprint(intent);
    const id = `${kind}/${app.namespace}/${app.name}`;
    if (kept.applied === wanted) {
      this.#normalized.delete(id);
    } else {
      this.#normalized.set(id, { intent: wanted, applied: kept.applied });
    }
    return kept;
  }
}

/** Upstream takes whatever has the name. Ours are those with our label; one of somebody else may at most be the same. */
function isSecretToMend(app: Key, intent: SecretObject, { metadata, data = {} }: Secret): boolean {
  if (metadata.labels?.[APP_NAME_LABEL] === app.name) {
    return true;
  }
  if (contentOf(data) === contentOf(intent.data)) {
    return false;
  }
  throw new Refused({
    reason: 'SecretConflict',
    field: 'metadata.name',
    message: `a Secret "${intent.metadata.name}" exists that does not belong to the app. Delete it, or create the app with another name.`,
    kind: 'stalled',
  });
}

/** One of an earlier app of this name goes when that app is collected, unless it is ours before. */
function mended(intent: SecretObject, live: Secret & Observed): Secret {
  const { metadata } = live as KubeObject & Observed;
  const { managedFields: _, ...kept } = metadata;
  return {
    ...live,
    metadata: {
      ...kept,
      ownerReferences: intent.metadata.ownerReferences ?? [],
    } as Secret['metadata'],
    data: intent.data,
  };
}

async function refusing<T>(kind: WrittenKind, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw isNotFound(error) ? error : (refusalOf(error, kind) ?? error);
  }
}
