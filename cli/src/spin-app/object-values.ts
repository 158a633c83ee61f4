// Values of the Secrets and ConfigMaps that a SpinApp names. What is missing is an error at the place that names it: a
// cluster would wait for ever, or run with an empty value.
import {
  secretValues,
  type ConfigMap,
  type DocumentPath,
  type KeyReference,
  type ObjectSet,
  type Secret,
  type SpinApp,
  type Written,
} from '@spindle/api';

export interface Asked {
  /** Where in the SpinApp it is named. */
  readonly path: DocumentPath;
  /** What else the user can do than to add the object. */
  readonly otherwise: string;
}

export class ObjectValues {
  readonly #app: Written<SpinApp>;
  readonly #objects: ObjectSet;

  constructor(app: Written<SpinApp>, objects: ObjectSet) {
    this.#app = app;
    this.#objects = objects;
  }

  /** Undefined when it is missing and may be. */
  text(kind: 'ConfigMap' | 'Secret', { name, key, optional = false }: KeyReference, asked: Asked): string | undefined {
    const values = this.#values(kind, name);
    const value = values?.get(key);
    if (value !== undefined || optional) {
      return value === undefined || typeof value === 'string' ? value : this.#decode(value, { kind, name, key }, asked);
    }
    if (values !== undefined) {
      const keys = [...values.keys()].map((one) => JSON.stringify(one)).join(', ') || 'none';
      const fault = `the ${kind} ${JSON.stringify(name)} has no key ${JSON.stringify(key)}`;
      throw this.#app.error(fault, asked.path, `Its keys are: ${keys}. ${asked.otherwise}`);
    }
    throw this.missing(kind, name, asked);
  }

  secret(name: string): Written<Secret> | undefined {
    return this.#find(this.#objects.secrets, name);
  }

  missing(kind: string, name: string, { path, otherwise }: Asked): Error {
    const { namespace } = this.#app;
    const others = (kind === 'Secret' ? this.#objects.secrets : this.#objects.configMaps).filter(
      (one) => one.name === name,
    );
    const remedy =
      others[0] === undefined
        ? `Add the ${kind} to the file, after a line "---". ${otherwise}`
        : `The file has one in the namespace ${JSON.stringify(others[0].namespace)}; the app is in ${JSON.stringify(namespace)}.`;
    return this.#app.error(`the ${kind} ${JSON.stringify(name)} is not in the file`, path, remedy);
  }

  #values(kind: 'ConfigMap' | 'Secret', name: string): ReadonlyMap<string, string | Uint8Array> | undefined {
    if (kind === 'Secret') {
      const found = this.secret(name);
      return found && secretValues(found.object);
    }
    const found = this.#find<ConfigMap>(this.#objects.configMaps, name);
    return found && new Map(Object.entries(found.object.data ?? {}));
  }

  #decode(bytes: Uint8Array, { kind, name, key }: KeyReference & { kind: string }, { path }: Asked): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      const fault = `the key ${JSON.stringify(key)} of the ${kind} ${JSON.stringify(name)} is not text in UTF-8`;
      throw this.#app.error(fault, path, 'Encode what is not text yourself, and decode it in the app.', cause);
    }
  }

  #find<T extends Secret | ConfigMap>(list: readonly Written<T>[], name: string): Written<T> | undefined {
    return list.find((one) => one.name === name && one.namespace === this.#app.namespace);
  }
}
