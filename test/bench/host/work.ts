// What is measured: one call of a host interface for each request, and what it needs.
import type { Services } from './services.ts';

export interface Work {
  /** On the command line and in reports. */
  readonly name: string;
  /** Path of the guest and of the plain server, where they are not the same. */
  readonly path: string;
  readonly plainPath: string;
  /** The server it needs; undefined: none but files. */
  readonly service: 'postgres' | 'mysql' | 'redis' | 'origin' | undefined;
  /** What of the services stands behind `?`. */
  readonly argument: (services: Services) => string;
  /** Of the component, in spin.toml. */
  readonly manifest: (services: Services) => string;
  /** A runtime configuration file. */
  readonly runtimeConfig?: (services: Services) => string;
  /** Lowest rate in units of the plain server's; undefined: for comparison only. */
  readonly atLeast: number | undefined;
}

/** The issue's, for each call. */
const HALF = 0.5;

const STORE = 'key_value_stores = ["default"]';
const nothing = (): string => '';
const allowing = (address: string): string => {
  const { protocol, host } = new URL(address);
  return `allowed_outbound_hosts = ["${protocol}//${host}"]`;
};

const redisStore = (name: string, path: string, plainPath: string): Work => ({
  name,
  path,
  plainPath,
  service: 'redis',
  argument: ({ redis }) => redis,
  manifest: () => STORE,
  runtimeConfig: ({ redis }) => `[key_value_store.default]\ntype = "redis"\nurl = "${redis}"\n`,
  atLeast: HALF,
});

const onFiles = (name: string, path: string, manifest: string, atLeast: number | undefined = HALF): Work => ({
  name,
  path,
  plainPath: path,
  service: undefined,
  argument: nothing,
  manifest: () => manifest,
  atLeast,
});

const withAddress = (name: string, path: string, service: 'postgres' | 'mysql'): Work => ({
  name,
  path,
  plainPath: path,
  service,
  argument: (services) => services[service],
  manifest: (services) => allowing(services[service]),
  atLeast: HALF,
});

export const WORKS: readonly Work[] = [
  onFiles('no call', '/nothing', '', undefined),
  onFiles('key-value get, SQLite', '/kv-get', STORE),
  onFiles('key-value set, SQLite', '/kv-set', STORE),
  redisStore('key-value get, Redis', '/kv-get', '/redis-get'),
  redisStore('key-value set, Redis', '/kv-set', '/redis-set'),
  withAddress('PostgreSQL query', '/pg', 'postgres'),
  withAddress('MySQL query', '/mysql', 'mysql'),
  onFiles('SQLite query', '/sqlite', 'sqlite_databases = ["default"]'),
  {
    name: 'outbound HTTP',
    path: '/http',
    plainPath: '/http',
    service: 'origin',
    argument: ({ origin }) => `${origin}/`,
    manifest: ({ origin }) => allowing(origin),
    atLeast: HALF,
  },
];
