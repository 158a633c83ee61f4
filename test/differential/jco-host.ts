// Our host interfaces as jco wants its imports: resources are classes with methods, a result's error is thrown.
import type {
  ComponentPlan,
  HostFunction,
  HostInterfaces,
  ImportedFunc,
  TypeRef,
} from '../../runtime-node/src/component/index.ts';
import type { JcoExports, JcoImports } from './jco-oracle.ts';
import { JcoValues } from './jco-values.ts';

type Call = (guest: unknown, ...args: unknown[]) => unknown;

/** What jco knows of a host object: an instance of a class of its own, by the resource type. */
interface Wrapper {
  object: object;
}

const camelCase = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const pascalCase = (name: string): string => camelCase(`-${name}`);
const minor = (name: string): string => name.replace(/(@\d+\.\d+)\.\d+$/, '$1');
const withoutVersion = (name: string): string => name.replace(/@.*/, '');

/** `[method]input-stream.read` and the like. */
const RESOURCE_FUNCTION = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/;

export class JcoHost {
  readonly imports: JcoImports;
  readonly #plan: ComponentPlan;
  readonly #hosts: HostInterfaces<never>;
  readonly #guest: unknown;
  readonly #values: JcoValues;
  readonly #interfaces: Record<string, Record<string, unknown>> = {};
  readonly #classes = new Map<string, new () => Wrapper>();
  readonly #wrappers = new WeakMap<object, Wrapper>();

  constructor(plan: ComponentPlan, hosts: HostInterfaces<never>, guest: unknown) {
    this.#plan = plan;
    this.#hosts = hosts;
    this.#guest = guest;
    this.#values = new JcoValues(plan, {
      toJco: (resource, value) => this.#wrap(resource, value as object),
      fromJco: (_resource, value) => (value as Wrapper).object,
    });
    for (const resource of plan.resources) {
      if (resource.origin === 'import') {
        this.#interface(resource.interface)[pascalCase(resource.name)] = this.#classOf(
          resource.interface,
          resource.name,
        );
      }
    }
    for (const imported of plan.imports) {
      this.#add(imported);
    }
    this.imports = this.#interfaces;
  }

  /** Calls an exported function with values of our conventions. */
  call(exports: JcoExports, interfaceName: string, name: string, type: number, args: readonly unknown[]): unknown {
    const { params, result } = this.#functionType(type);
    const exported = exports[interfaceName]?.[camelCase(name)] ?? (exports as never)[camelCase(name)];
    const converted = params.map((param, i) => this.#values.toJco(param.type, args[i]));
    const call = (): unknown => (exported as (...args: unknown[]) => unknown)(...converted);
    if (!this.#values.isResult(result)) {
      return result === null ? call() : later(call(), (value) => this.#values.fromJco(result, value));
    }
    return this.#values.fromJco(result as TypeRef, okOrThrown(call));
  }

  #functionType(type: number) {
    const found = this.#plan.funcTypes[type];
    if (found === undefined) {
      throw new Error(`the plan has no function type ${type}`);
    }
    return found;
  }

  /** The host's interface of the same minor version: here it is enough to compare the numbers as text. */
  #host(name: string) {
    const found = [...this.#hosts.keys()].find((key) => key === name || minor(key) === minor(name));
    return found === undefined ? undefined : this.#hosts.get(found);
  }

  #interface(name: string): Record<string, unknown> {
    return (this.#interfaces[withoutVersion(name)] ??= {});
  }

  #classOf(interfaceName: string, name: string): new () => Wrapper {
    const key = `${withoutVersion(interfaceName)}/${name}`;
    let found = this.#classes.get(key);
    if (found === undefined) {
      found = class implements Wrapper {
        object: object = {};
        [Symbol.dispose](): void {
          (this.object as Partial<Disposable>)[Symbol.dispose]?.();
        }
      };
      this.#classes.set(key, found);
    }
    return found;
  }

  #wrap(resource: number, object: object): Wrapper {
    const known = this.#wrappers.get(object);
    if (known !== undefined) {
      return known;
    }
    const type = this.#plan.resources[resource];
    if (type?.origin !== 'import') {
      throw new Error('only host resources can be passed to jco');
    }
    const wrapper = new (this.#classOf(type.interface, type.name))();
    wrapper.object = object;
    this.#wrappers.set(object, wrapper);
    return wrapper;
  }

  #add(imported: ImportedFunc): void {
    const host = this.#host(imported.interface)?.functions[imported.name];
    if (host === undefined) {
      return;
    }
    const [, kind, resource, member] = RESOURCE_FUNCTION.exec(imported.name) ?? [];
    const call = this.#caller(imported, host);
    if (kind === undefined || resource === undefined) {
      this.#interface(imported.interface)[camelCase(imported.name)] = call;
      return;
    }
    const resourceClass = this.#classOf(imported.interface, resource);
    if (kind === 'method') {
      Object.defineProperty(resourceClass.prototype, camelCase(member ?? ''), {
        configurable: true,
        value(this: unknown, ...args: unknown[]) {
          return call(this, ...args);
        },
      });
    } else if (kind === 'static') {
      Object.defineProperty(resourceClass, camelCase(member ?? ''), { configurable: true, value: call });
    } else {
      // `new` of a class whose constructor gives back another object of it.
      const construct = function constructResource(...args: unknown[]): unknown {
        return call(...args);
      };
      construct.prototype = resourceClass.prototype;
      Object.setPrototypeOf(construct, resourceClass);
      this.#interface(imported.interface)[pascalCase(resource)] = construct;
    }
  }

  #caller({ type }: ImportedFunc, host: HostFunction<never>): (...args: unknown[]) => unknown {
    const { params, result } = this.#functionType(type);
    return (...args) => {
      const answer = (host.call as Call)(
        this.#guest,
        ...params.map((param, i) => this.#values.fromJco(param.type, args[i])),
      );
      // A value tagged ok or err is taken for the result itself, so nothing has to be thrown.
      return later(answer, (value) => (result === null ? undefined : this.#values.toJco(result, value)));
    };
  }
}

const later = (value: unknown, convert: (value: unknown) => unknown): unknown =>
  value instanceof Promise ? value.then(convert) : convert(value);

function okOrThrown(call: () => unknown): unknown {
  try {
    return { tag: 'ok', val: call() };
  } catch (error) {
    if (error instanceof Error && 'payload' in error) {
      // expected: this is how jco gives a result's error.
      return { tag: 'err', val: error.payload };
    }
    throw error;
  }
}
