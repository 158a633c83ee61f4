// Application variables: who may answer for one, and how a component asks (spin-contract.md §1.10, §5.2).

/** A source of application variables, asked in order until one answers. */
export interface VariablesProvider {
  /** For messages, e.g. `env`, `static`, `vault`. */
  readonly name: string;
  /** undefined: not known here, ask the next one. A plain value when no I/O is needed. */
  get(key: string): string | undefined | Promise<string | undefined>;
  /** False only when the provider is certain that it will never answer for this name. */
  mayResolve(key: string): boolean;
}

export type VariableErrorKind = 'invalid-name' | 'undefined' | 'provider' | 'other';

/** Resolves what one app may ask; providers are asked at every call, nothing is cached. */
export interface VariableResolver {
  /** The value of a component's variable; throws VariableError. */
  get(componentId: string, key: string): string | Promise<string>;
  /** All variables of a component, by name. */
  getAll(componentId: string): Promise<ReadonlyMap<string, string>>;
  /** Fills a template such as `https://{{ api_host }}` with application variables. */
  resolveTemplate(template: string): string | Promise<string>;
}
