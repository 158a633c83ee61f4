// Contents of the ConfigMaps and Secrets that apps refer to, fetched by name. They stay here as long as the watch shows the
// same state, up to a bound of memory, and go nowhere but into a runtime configuration or a hash.
import type { ConfigMap, Secret } from '@spindle/api';
import type { CallOptions, KubeClient, ObjectName } from '@spindle/kube';
import type { ReferredKind } from '../plan/index.ts';
import { CONFIG_MAPS, SECRETS } from './resources.ts';

/** Text under each key. */
export type Values = Readonly<Record<string, string>>;

/** A thousand apps with options in 30 KB of Secrets; what does not fit is fetched again when it is needed. */
const MAX_CHARACTERS = 32 << 20;

interface Kept {
  readonly version: string;
  readonly values: Values;
  readonly characters: number;
}

export class ReferredValues {
  readonly #client: Pick<KubeClient, 'find'>;
  readonly #maxCharacters: number;
  /** In the order of their use. */
  readonly #kept = new Map<string, Kept>();
  #characters = 0;

  constructor(client: Pick<KubeClient, 'find'>, maxCharacters = MAX_CHARACTERS) {
    this.#client = client;
    this.#maxCharacters = maxCharacters;
  }

  /**
   * `version` is the state that the watch shows; undefined when it shows none. The API server is then asked, for the watch
   * may only be late: what is taken to be missing would replace pods now, and once more when it is seen.
   */
  async get(
    kind: ReferredKind,
    name: ObjectName,
    version: string | undefined,
    call: CallOptions,
  ): Promise<Values | undefined> {
    const id = `${kind}/${name.namespace}/${name.name}`;
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#drop(id, kept);
    }
    if (kept !== undefined && kept.version === version) {
      this.#keep(id, kept);
      return kept.values;
    }
    const object =
      kind === 'Secret'
        ? await this.#client.find<Secret>(SECRETS, name, call)
        : await this.#client.find<ConfigMap>(CONFIG_MAPS, name, call);
    if (object === undefined) {
      return undefined;
    }
    const values = textOf(kind, object.data ?? {});
    this.#keep(id, {
      version: object.metadata.resourceVersion ?? '',
      values,
      characters: Object.values(values).reduce((sum, { length }) => sum + length, 0),
    });
    return values;
  }

  #keep(id: string, kept: Kept): void {
    const before = this.#kept.get(id);
    if (before !== undefined) {
      this.#drop(id, before);
    }
    this.#kept.set(id, kept);
    this.#characters += kept.characters;
    for (const [oldest, { characters }] of this.#kept) {
      if (this.#characters <= this.#maxCharacters) {
        return;
      }
      this.#kept.delete(oldest);
      this.#characters -= characters;
    }
  }

  #drop(id: string, { characters }: Kept): void {
    this.#kept.delete(id);
    this.#characters -= characters;
  }
}

const textOf = (kind: ReferredKind, data: Values): Values =>
  kind === 'ConfigMap'
    ? data
    : Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
