// A store that follows the API server: one watch for all namespaces, or one for each of those that are ours (kube-client 11).
import type { KubeObject } from '../client/resource.ts';
import type { ObjectStore, Store } from '../store/store.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export interface InformerOptions<T extends KubeObject, I extends string> extends Omit<
  ReflectorOptions<T>,
  'tell' | 'selection'
> {
  readonly store: Store<T, I>;
  /** All when absent. A type without namespaces is watched once in any case. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface Informer<T extends KubeObject, I extends string> {
  readonly store: ObjectStore<T, I>;
  /** What keeps watches from working at this moment; empty when all work. */
  failures(): readonly Error[];
  start(): void;
  stop(): void;
}

export function createInformer<T extends KubeObject, I extends string>(options: InformerOptions<T, I>): Informer<T, I> {
  const { store, namespaces, labelSelector, fieldSelector, ...rest } = options;
  const scopes = options.type.namespaced && namespaces !== undefined ? [...new Set(namespaces)] : [undefined];
  const reflectors = scopes.map(
    (namespace) =>
      new Reflector<T>({
        ...rest,
        tell: store.source(namespace),
        selection: {
          ...(namespace === undefined ? {} : { namespace }),
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
        },
      }),
  );
  return {
    store,
    failures: () => reflectors.flatMap(({ failure }) => failure ?? []),
    start() {
      for (const reflector of reflectors) {
        reflector.start();
      }
    },
    stop() {
      for (const reflector of reflectors) {
        reflector.stop();
      }
    },
  };
}
