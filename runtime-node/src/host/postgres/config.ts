// `[outbound_pg]` of the runtime configuration (spin-contract.md §5.1).
import { countOf, tableOf } from '../network/index.ts';

export interface PgConfig {
  /** Connections of the app at one time; undefined is no limit. */
  readonly maxConnections: number | undefined;
}

export const PG_CONFIG_KEY = 'outbound_pg';

export function parsePgConfig(raw: Readonly<Record<string, unknown>>): PgConfig {
  const section = raw[PG_CONFIG_KEY];
  const table = section === undefined ? {} : tableOf(section, PG_CONFIG_KEY, ['max_connections']);
  return { maxConnections: countOf(table['max_connections'], `${PG_CONFIG_KEY}.max_connections`) };
}
