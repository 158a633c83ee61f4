// Writes down what a guest asks its host and what it is answered, so that two runs can be compared.
import type { HostFunction, HostInterface, HostInterfaces } from '../../runtime-node/src/component/index.ts';

export interface RecordedCall {
  readonly function: string;
  readonly args: unknown;
  readonly answer: unknown;
}

type Call = (guest: unknown, ...args: unknown[]) => unknown;

/** Objects are known by their class and by the order in which they first appear. */
class Snapshots {
  readonly #names = new Map<object, string>();

  take(value: unknown): unknown {
    if (value instanceof Uint8Array) {
      return `bytes ${Buffer.from(value).toString('latin1')}`;
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.take(item));
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.take(item)]));
    }
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `${value.constructor.name} ${this.#names.size}`;
      this.#names.set(value, name);
    }
    return name;
  }
}

export class Recording {
  readonly calls: RecordedCall[] = [];
  readonly #snapshots = new Snapshots();

  /** The same interfaces, with each call of a typed function written down; those at the core ABI are left out. */
  around<Guest>(hosts: HostInterfaces<Guest>): HostInterfaces<Guest> {
    return new Map([...hosts].map(([name, host]) => [name, this.#interface(name, host)]));
  }

  #interface<Guest>(name: string, { functions, resources }: HostInterface<Guest>): HostInterface<Guest> {
    const recorded = Object.entries(functions).map(([key, host]) => [key, this.#function(`${name}#${key}`, host)]);
    return { resources, functions: Object.fromEntries(recorded) as HostInterface<Guest>['functions'] };
  }

  #function<Guest>(name: string, { call, waits }: HostFunction<Guest>): HostFunction<Guest> {
    const recorded: Call = (guest, ...args) => {
      const written = { function: name, args: this.#snapshots.take(args), answer: undefined as unknown };
      this.calls.push(written);
      const answered = <T>(value: T): T => {
        written.answer = this.#snapshots.take(value);
        return value;
      };
      const failed = (error: unknown): never => {
        written.answer = `threw ${String(error)}`;
        throw error;
      };
      try {
        const answer = (call as unknown as Call)(guest, ...args);
        return answer instanceof Promise ? answer.then(answered, failed) : answered(answer);
      } catch (error) {
        return failed(error);
      }
    };
    return { waits, call: recorded as HostFunction<Guest>['call'] };
  }
}
