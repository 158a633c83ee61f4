// Outbound PostgreSQL (spin-contract.md §4.8) by Spin's interfaces of four generations.
//
// The protocol is pg's: client/ puts it on a socket of host/network. Rows and errors are read here, since pg takes binary values
// for text (docs/design/20261121-database-drivers.md).
import type { HostCapability } from '../capability.ts';
import { parsePgConfig, PG_CONFIG_KEY, type PgConfig } from './config.ts';
import { postgresV1, postgresV2, postgresV3 } from './earlier-versions.ts';
import { PgState } from './state.ts';
import { postgresV4 } from './version4.ts';

const V1 = 'fermyon:spin/postgres';
const V2 = 'fermyon:spin/postgres@2.0.0';
const V3 = 'spin:postgres/postgres@3.0.0';
/** Types of version 1 and 2, which MySQL's interfaces use too. */
const TYPES = ['fermyon:spin/rdbms-types@2.0.0', 'fermyon:spin/rdbms-types'];
const V4 = 'spin:postgres/postgres@4.2.0';

export const postgres: HostCapability<PgConfig, PgState> = {
  id: 'postgres',
  interfaces: [V4, V3, V2, V1, ...TYPES],
  configKeys: [PG_CONFIG_KEY],
  parse: parsePgConfig,
  open: async ({ maxConnections }, { network }) => new PgState(network, network.limitOf(maxConnections, 'pg')),
  bind: (state) =>
    new Map([
      [V4, postgresV4(state)],
      [V3, postgresV3(state)],
      [V2, postgresV2(state)],
      [V1, postgresV1(state)],
      ...TYPES.map((name) => [name, { functions: {}, resources: {} }] as const),
    ]),
  close: async (state) => state.close(),
};
