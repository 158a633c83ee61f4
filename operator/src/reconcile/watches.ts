// Everything that the operator follows: seven kinds, each in one store. What apps refer to comes without its contents, and
// what apps own is selected by its label; both keep Secrets of others out of this process (kube-client 11).
import { APP_NAME_LABEL, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import {
  createInformer,
  Store,
  type Clock,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Observed,
  type ResourceType,
  type WatchObserver,
} from '@spindle/kube';
import {
  keptApp,
  keptDeployment,
  keptObject,
  keptReference,
  keptSecret,
  type KeptDeployment,
  type KeptObject,
  type KeptSecret,
} from './kept.ts';
import { APP_INDEXES, EXECUTOR_INDEXES, type AppIndex, type ExecutorIndex } from './app-indexes.ts';
import { CONFIG_MAPS, DEPLOYMENTS, EXECUTORS, SECRETS, SERVICES, SPIN_APPS } from './resources.ts';

export interface Stores {
  readonly apps: Store<SpinApp, AppIndex>;
  readonly executors: Store<SpinAppExecutor, ExecutorIndex>;
  readonly deployments: Store<KeptDeployment>;
  readonly services: Store<KeptObject>;
  /** Those with the app-name label. */
  readonly ownSecrets: Store<KeptSecret, 'app'>;
  /** All others, and ConfigMaps: only which state they are in. */
  readonly otherSecrets: Store<KubeObject>;
  readonly configMaps: Store<KubeObject>;
}

export interface Watches {
  readonly stores: Stores;
  /** What keeps watches from working, by kind; empty when all work. */
  failures(): readonly Error[];
  readonly isSynced: boolean;
  whenSynced(): Promise<void>;
  start(): void;
  stop(): void;
}

export interface WatchesOptions {
  readonly client: Pick<KubeClient, 'page' | 'watch'>;
  /** All when absent. */
  readonly namespaces?: readonly string[];
  readonly clock?: Clock;
  /** Watches stop reading while it is a promise. */
  readonly room: () => Promise<void> | undefined;
  readonly observer: (kind: string) => WatchObserver;
  readonly onHandlerError: (error: unknown) => void;
}

export function createWatches(options: WatchesOptions): Watches {
  const { onHandlerError } = options;
  const stores: Stores = {
    apps: new Store({ reduce: keptApp, indexes: APP_INDEXES, onHandlerError }),
    executors: new Store({ indexes: EXECUTOR_INDEXES, onHandlerError }),
    deployments: new Store({ reduce: reducing(keptDeployment), onHandlerError }),
    services: new Store({ reduce: reducing(keptObject), onHandlerError }),
    ownSecrets: new Store({ reduce: reducing(keptSecret), indexes: { app: appOfSecret }, onHandlerError }),
    otherSecrets: new Store({ reduce: keptReference, onHandlerError }),
    configMaps: new Store({ reduce: keptReference, onHandlerError }),
  };
  const informers = [
    follow(options, stores.executors, EXECUTORS),
    follow(options, stores.apps, SPIN_APPS),
    follow(options, stores.deployments, DEPLOYMENTS, { labelSelector: APP_NAME_LABEL }),
    follow(options, stores.services, SERVICES, { labelSelector: APP_NAME_LABEL }),
    follow(options, stores.ownSecrets, SECRETS, { labelSelector: APP_NAME_LABEL }),
    follow(options, stores.otherSecrets, SECRETS, { labelSelector: `!${APP_NAME_LABEL}`, metadataOnly: true }),
    follow(options, stores.configMaps, CONFIG_MAPS, { metadataOnly: true }),
  ];
  return {
    stores,
    failures: () => informers.flatMap((informer) => informer.failures()),
    get isSynced() {
      return informers.every(({ store }) => store.isSynced);
    },
    async whenSynced() {
      await Promise.all(informers.map(({ store }) => store.whenSynced()));
    },
    start() {
      for (const informer of informers) {
        informer.start();
      }
    },
    stop() {
      for (const informer of informers) {
        informer.stop();
      }
    },
  };
}

interface Following {
  start(): void;
  stop(): void;
  failures(): readonly Error[];
  readonly store: { readonly isSynced: boolean; whenSynced(): Promise<void> };
}

/** What comes is of `type`; what is kept is what the store's `reduce` makes of it. */
function follow<T extends KubeObject, I extends string>(
  { client, namespaces, clock, room, observer }: WatchesOptions,
  store: Store<T, I>,
  type: ResourceType,
  selection: { readonly labelSelector?: string; readonly metadataOnly?: boolean } = {},
): Following {
  const informer: Informer<T, I> = createInformer<T, I>({
    client,
    store,
    type: type as ResourceType<T>,
    room,
    observer: observer(type.plural),
    ...selection,
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(clock === undefined ? {} : { clock }),
  });
  return informer;
}

/** A store gets objects as they come and gives out what is kept of them. */
const reducing =
  <Raw extends KubeObject, Kept extends Observed>(reduce: (object: Raw & Observed) => Kept) =>
  (object: Kept): Kept =>
    reduce(object as unknown as Raw & Observed);

const appOfSecret = ({ metadata: { namespace }, seen }: KeptSecret): readonly string[] => [
  `${namespace ?? ''}/${seen.labels[APP_NAME_LABEL] ?? ''}`,
];
