// The two sources of variables that need no I/O: given values, and environment variables (spin-contract.md §5.2).
import type { VariablesProvider } from './types.ts';

export function createStaticProvider(values: ReadonlyMap<string, string>): VariablesProvider {
  return {
    name: 'static',
    get: (key) => values.get(key),
    mayResolve: (key) => values.has(key),
  };
}

/** Environment variables by name; an object of its own, or process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvProviderOptions {
  /** Default `SPIN_VARIABLE`. */
  readonly prefix?: string;
  /** Asked after `environment`: what a `.env` file says. */
  readonly dotenv?: Environment;
}

/** `api_host` is looked for as `SPIN_VARIABLE_API_HOST`. */
export function createEnvProvider(environment: Environment, options: EnvProviderOptions = {}): VariablesProvider {
  const { prefix = 'SPIN_VARIABLE', dotenv = {} } = options;
  const get = (key: string): string | undefined => {
    const name = `${prefix}_${key.toUpperCase()}`;
    return [environment, dotenv].find((one) => Object.hasOwn(one, name))?.[name];
  };
  return { name: 'env', get, mayResolve: (key) => get(key) !== undefined };
}
