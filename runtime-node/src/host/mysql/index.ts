// Outbound MySQL (spin-contract.md §4.7) by Spin's interfaces of three generations.
// The protocol is mysql2's: client/ puts it on a socket of host/network, and ends it when a server says too much.
import type { HostCapability } from '../capability.ts';
import { countOf, tableOf } from '../network/index.ts';
import { mysqlV1, mysqlV2, mysqlV3 } from './host.ts';
import { MySqlState } from './state.ts';

const V1 = 'fermyon:spin/mysql';
const V2 = 'fermyon:spin/mysql@2.0.0';
const V3 = 'spin:mysql/mysql@3.0.0';

/** `[outbound_mysql]` of the runtime configuration (spin-contract.md §5.1). */
const CONFIG_KEY = 'outbound_mysql';

export interface MySqlConfig {
  /** Connections of the app at one time; undefined is no limit. */
  readonly maxConnections: number | undefined;
}

function parseConfig(raw: Readonly<Record<string, unknown>>): MySqlConfig {
  const section = raw[CONFIG_KEY];
  const table = section === undefined ? {} : tableOf(section, CONFIG_KEY, ['max_connections']);
  return { maxConnections: countOf(table['max_connections'], `${CONFIG_KEY}.max_connections`) };
}

export const mysql: HostCapability<MySqlConfig, MySqlState> = {
  id: 'mysql',
  interfaces: [V3, V2, V1],
  configKeys: [CONFIG_KEY],
  parse: parseConfig,
  open: async ({ maxConnections }, { network }) => new MySqlState(network, network.limitOf(maxConnections, 'mysql')),
  bind: (state) =>
    new Map([
      [V3, mysqlV3(state)],
      [V2, mysqlV2(state)],
      [V1, mysqlV1(state)],
    ]),
  close: async (state) => state.close(),
};
