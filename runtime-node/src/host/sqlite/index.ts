// SQLite databases (spin-contract.md §4.3) by Spin's interfaces of all generations.
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { parseSqliteConfig, type SqliteConfig } from './config.ts';
import { SqliteDatabases } from './databases.ts';
import { sqliteV2, sqliteV3 } from './host.ts';
import { sqliteV1 } from './legacy.ts';

export { SqliteDatabases } from './databases.ts';
export { runInitialStatements, type InitialStatements } from './initial-statements.ts';

const interfaces = (databases: SqliteDatabases): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map([
    ['spin:sqlite/sqlite@3.1.0', sqliteV3(databases)],
    ['fermyon:spin/sqlite@2.0.0', sqliteV2(databases)],
    ['fermyon:spin/sqlite', sqliteV1(databases)],
  ]);

export const sqlite: HostCapability<SqliteConfig, SqliteDatabases> = {
  id: 'sqlite',
  interfaces: ['spin:sqlite/sqlite@3.1.0', 'fermyon:spin/sqlite@2.0.0', 'fermyon:spin/sqlite'],
  configKeys: ['sqlite_database'],
  parse: parseSqliteConfig,
  async open(config, app) {
    const databases = new SqliteDatabases(config, app);
    await databases.openFor(app.components);
    return databases;
  },
  bind: interfaces,
  close: (databases) => databases.close(),
};
