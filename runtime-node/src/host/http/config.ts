// `[outbound_http]` and `[[client_tls]]` of the runtime configuration (spin-contract.md §5.1).
import { UserError } from '@spindle/api';
import { countOf, tableOf } from '../network/index.ts';
import { CLIENT_TLS_KEY, parseClientTls, type ClientTlsConfig } from './client-tls/config.ts';

export interface HttpConfig {
  readonly connectionPooling: boolean;
  /** Outbound HTTP connections of the app at one time; undefined is no limit. */
  readonly maxConnections: number | undefined;
  readonly clientTls: readonly ClientTlsConfig[];
}

const SECTION = 'outbound_http';

export const HTTP_CONFIG_KEYS = [SECTION, CLIENT_TLS_KEY];

const KEYS = ['connection_pooling', 'max_connections', 'max_concurrent_requests'];

export function parseHttpConfig(raw: Readonly<Record<string, unknown>>): HttpConfig {
  const section = raw[SECTION];
  const table = section === undefined ? {} : tableOf(section, SECTION, KEYS);
  const pooling = table['connection_pooling'] ?? true;
  if (typeof pooling !== 'boolean') {
    const field = `${SECTION}.connection_pooling`;
    throw new UserError(`${field} must be true or false`, { code: 'SPK4001', field, remedy: 'Leave it out for true.' });
  }
  return {
    connectionPooling: pooling,
    maxConnections: maxConnections(table),
    clientTls: parseClientTls(raw[CLIENT_TLS_KEY]),
  };
}

function maxConnections(table: Readonly<Record<string, unknown>>): number | undefined {
  const connections = countOf(table['max_connections'], `${SECTION}.max_connections`);
  const requests = countOf(table['max_concurrent_requests'], `${SECTION}.max_concurrent_requests`);
  if (connections !== undefined && requests !== undefined) {
    throw new UserError(`${SECTION} has both max_connections and the deprecated max_concurrent_requests`, {
      code: 'SPK4001',
      field: SECTION,
      remedy: 'Keep max_connections.',
    });
  }
  // The old limit was one short (spec §5.1).
  return requests === undefined ? connections : requests + 1;
}
