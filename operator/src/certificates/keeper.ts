// Keeps the webhooks' certificates good without anybody's help: one Secret that all replicas share, the API server told whom
// to trust before anybody serves by it, renewal in time. Whatever changes any of it is mended at once.
import type { Secret } from '@spindle/api';
import {
  after,
  Controller,
  createInformer,
  isAlreadyExists,
  isConflict,
  isNotFound,
  resource,
  Store,
  type Clock,
  type ControllerObserver,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ObjectName,
  type Outcome,
  type ResourceType,
  type WatchObserver,
} from '@spindle/kube';
import type { KeyPair } from '../admission/server.ts';
import { bundleData, readBundle, renewalTime, renewed, type Bundle } from './bundle.ts';

const SECRETS = resource<Secret>({ group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true });

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

const admissionregistration = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };
const MUTATING = resource<WebhookConfiguration>({
  ...admissionregistration,
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
});
const VALIDATING = resource<WebhookConfiguration>({
  ...admissionregistration,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
});

/** Another replica has written at the same moment: what it wrote is looked at. */
const RACE_MS = 50;
/** Clocks are set and machines sleep: a look a day costs nothing. */
const MAX_WAIT_MS = 86_400_000;

export interface KeeperOptions {
  readonly client: KubeClient;
  readonly secret: Required<ObjectName>;
  /** By which the API server calls. */
  readonly names: readonly string[];
  /** Names; empty for none. */
  readonly configurations: { readonly mutating: string; readonly validating: string };
  readonly clock: Clock;
  /** To be served from now on. */
  readonly onPair: (pair: KeyPair) => void;
  readonly controllerObserver: ControllerObserver;
  readonly watchObserver: (kind: string) => WatchObserver;
}

export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #controller: Controller;
  readonly #informers: readonly { start(): void; stop(): void }[];
  #served: KeyPair | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#controller = new Controller({
      reconcile: () => this.#keep(),
      workers: 1,
      clock: options.clock,
      observer: options.controllerObserver,
    });
    this.#informers = [
      this.#follow(SECRETS, options.secret),
      ...this.#configurations().map(({ type, name }) => this.#follow(type, { name })),
    ];
  }

  get controller(): Controller {
    return this.#controller;
  }

  start(): void {
    for (const informer of this.#informers) {
      informer.start();
    }
    this.#controller.add(this.#options.secret, 'live');
    this.#controller.start();
  }

  async stop(): Promise<void> {
    for (const informer of this.#informers) {
      informer.stop();
    }
    await this.#controller.stop();
  }

  async #keep(): Promise<Outcome> {
    const bundle = await this.#current();
    if (bundle === undefined) {
      return after(RACE_MS);
    }
    for (const { type, name } of this.#configurations()) {
      await this.#trust(type, name, bundle.trusted);
    }
    if (bundle.serving.cert !== this.#served?.cert) {
      this.#served = bundle.serving;
      this.#options.onPair(bundle.serving);
    }
    const left = renewalTime(bundle).getTime() - this.#options.clock.date().getTime();
    return after(Math.max(RACE_MS, Math.min(left, MAX_WAIT_MS)));
  }

  /** As it is in the Secret; undefined when another replica was faster. */
  async #current(): Promise<Bundle | undefined> {
    const { client, secret, names, clock } = this.#options;
    const live = await client.find<Secret>(SECRETS, secret);
    const before = live === undefined ? undefined : readBundle(live.data ?? {});
    const bundle = await renewed(before, names, clock.date());
    if (bundle === before) {
      return bundle;
    }
    const data = bundleData(bundle);
    try {
      await (live === undefined
        ? client.create<Secret>(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: secret, data })
        : client.replace<Secret>(SECRETS, { ...live, data }));
      return bundle;
    } catch (error) {
      // expected: all replicas find the same thing due.
      if (isAlreadyExists(error) || isConflict(error) || isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** One that does not exist yet comes through its watch. */
  async #trust(type: ResourceType<WebhookConfiguration>, name: string, trusted: string): Promise<void> {
    const { client } = this.#options;
    const live = await client.find(type, { name });
    const caBundle = Buffer.from(trusted).toString('base64');
    const indexes = (live?.webhooks ?? []).flatMap(({ clientConfig }, index) =>
      clientConfig.caBundle === caBundle ? [] : [index],
    );
    if (indexes.length === 0) {
      return;
    }
    await client.patch(type, { name }, 'json', [
      { op: 'test', path: '/metadata/resourceVersion', value: live?.metadata.resourceVersion },
      ...indexes.map((index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle })),
    ]);
  }

  #configurations(): { readonly type: ResourceType<WebhookConfiguration>; readonly name: string }[] {
    const { mutating, validating } = this.#options.configurations;
    return [
      { type: MUTATING, name: mutating },
      { type: VALIDATING, name: validating },
    ].filter(({ name }) => name !== '');
  }

  #follow<T extends KubeObject>(type: ResourceType<T>, { namespace, name }: ObjectName): Informer<T, never> {
    const { client, clock, watchObserver, secret } = this.#options;
    // Of what is followed nothing is kept but that it has changed.
    const store = new Store<T>({ reduce: (object) => ({ ...object, data: undefined, webhooks: undefined }) });
    store.listen(() => this.#controller.add(secret, 'live'));
    return createInformer<T, never>({
      client,
      type,
      store,
      clock,
      observer: watchObserver(type.plural),
      fieldSelector: `metadata.name=${name}`,
      ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    });
  }
}
