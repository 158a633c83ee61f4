// The key-value stores of one app: which labels there are, where each is kept, and who may open which.
import { join, resolve } from 'node:path';
import { UserError } from '@spindle/api';
import type { AppContext } from '../capability.ts';
import type { ComponentContext } from '../guest.ts';
import type { KeyValueBackend, KeyValueStore } from './backend.ts';
import type { KeyValueConfig, StoreConfig } from './config.ts';
import { openFile, openInMemory } from './open-sqlite.ts';
import type { StoreAccess } from './open-store.ts';

const DEFAULT_LABEL = 'default';
const DEFAULT_FILE = 'sqlite_key_value.db';

/** One and the same for configurations that mean one place. */
const locationOf = (config: StoreConfig): string => JSON.stringify(config);

const MEMORY = locationOf({ type: 'spin', path: undefined });

const labelsOf = (component: ComponentContext): readonly string[] => component.metadata.key_value_stores ?? [];

export class KeyValueStores implements StoreAccess {
  readonly #config: KeyValueConfig;
  readonly #configDir: string;
  readonly #stateDir: string | undefined;
  readonly #memoryName: string | undefined;
  /** By what is configured, so that labels in one file or on one server share it; all labels in memory share one too. */
  readonly #byLocation = new Map<string, KeyValueBackend>();
  readonly #byLabel = new Map<string, KeyValueBackend>();

  constructor(
    config: KeyValueConfig,
    { configDir, stateDir, memoryName }: Pick<AppContext, 'configDir' | 'stateDir' | 'memoryName'>,
  ) {
    this.#config = config;
    this.#configDir = configDir;
    this.#stateDir = stateDir;
    this.#memoryName = memoryName;
  }

  /** What the operator reads at start; undefined when no component uses the default store. */
  get summary(): string | undefined {
    const backend = this.#byLabel.get(DEFAULT_LABEL);
    return backend === undefined ? undefined : `Storing default key-value data to ${backend.summary}.`;
  }

  /** Whether a store that is open lives in memory. */
  get inMemory(): boolean {
    return this.#byLocation.has(MEMORY);
  }

  /** Opens what the components name; an app that names no store leaves no file. */
  async openFor(components: readonly ComponentContext[]): Promise<void> {
    for (const component of components) {
      for (const label of labelsOf(component)) {
        const field = `component.${component.id}.key_value_stores`;
        await this.#open(
          label,
          `unknown key_value_stores label ${JSON.stringify(label)} for component "${component.id}"`,
          field,
        );
      }
    }
  }

  /** The default store, for values that are set before the app starts. */
  async openDefault(): Promise<KeyValueStore> {
    const backend = await this.#open(DEFAULT_LABEL, 'there is no default key-value store', 'key_value_store');
    return backend.store(DEFAULT_LABEL);
  }

  allowed(component: ComponentContext, label: string): KeyValueBackend | undefined {
    return labelsOf(component).includes(label) ? this.#byLabel.get(label) : undefined;
  }

  /** True when none of the component's stores ever makes it wait. */
  synchronousFor(component: ComponentContext): boolean {
    return labelsOf(component).every((label) => this.#byLabel.get(label)?.synchronous === true);
  }

  async close(): Promise<void> {
    for (const backend of this.#byLocation.values()) {
      await backend.close();
    }
    this.#byLocation.clear();
    this.#byLabel.clear();
  }

  async #open(label: string, unknown: string, field: string): Promise<KeyValueBackend> {
    const known = this.#byLabel.get(label);
    if (known !== undefined) {
      return known;
    }
    const config = this.#config.get(label) ?? this.#defaultFor(label);
    if (config === undefined) {
      throw new UserError(unknown, {
        code: 'SPK4002',
        field,
        remedy: `Add [key_value_store.${label}] to the runtime configuration (--runtime-config-file), or use the label "default".`,
      });
    }
    const resolved = this.#resolved(config);
    const location = locationOf(resolved);
    const backend = this.#byLocation.get(location) ?? (await this.#make(resolved, `key_value_store.${label}`));
    this.#byLocation.set(location, backend);
    this.#byLabel.set(label, backend);
    return backend;
  }

  #resolved(config: StoreConfig): StoreConfig {
    return config.type === 'spin' && config.path !== undefined
      ? { type: 'spin', path: resolve(this.#configDir, config.path) }
      : config;
  }

  async #make(config: StoreConfig, field: string): Promise<KeyValueBackend> {
    switch (config.type) {
      case 'spin':
        return config.path === undefined ? openInMemory(this.#memoryName) : openFile(config.path, field);
      case 'redis':
        return (await import('./redis.ts')).openRedis(config);
      case 'azure_cosmos':
        return (await import('./cosmos.ts')).openCosmos(config);
      case 'aws_dynamo':
        return (await import('./dynamo.ts')).openDynamo(config);
    }
  }

  #defaultFor(label: string): StoreConfig | undefined {
    if (label !== DEFAULT_LABEL) {
      return undefined;
    }
    return {
      type: 'spin',
      path: this.#stateDir === undefined ? undefined : resolve(join(this.#stateDir, DEFAULT_FILE)),
    };
  }
}
