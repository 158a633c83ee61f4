// The host capabilities except HTTP, in the order in which they open.
import type { HostCapability } from './capability.ts';
import { keyValue } from './key-value/index.ts';
import { llm } from './llm/index.ts';
import { mqtt } from './mqtt/index.ts';
import { mysql } from './mysql/index.ts';
import { postgres } from './postgres/index.ts';
import { redis } from './redis/index.ts';
import { sqlite } from './sqlite/index.ts';
import { variables } from './variables/index.ts';
import { wasiCli } from './wasi-cli/index.ts';
import { wasiClocks } from './wasi-clocks/index.ts';
import { wasiConfig } from './wasi-config/index.ts';
import { wasiFilesystem } from './wasi-filesystem/index.ts';
import { wasiIo } from './wasi-io/index.ts';
import { wasiRandom } from './wasi-random/index.ts';
import { wasiSockets } from './wasi-sockets/index.ts';

export { KeyValueStores, setInitialKeyValues } from './key-value/index.ts';
export { runInitialStatements, SqliteDatabases, type InitialStatements } from './sqlite/index.ts';
export { openProviders } from './variables/index.ts';

export const capabilities: readonly HostCapability<unknown, object>[] = [
  wasiIo,
  wasiClocks,
  wasiRandom,
  wasiCli,
  wasiFilesystem,
  wasiSockets,
  variables,
  wasiConfig,
  keyValue,
  sqlite,
  postgres,
  mysql,
  redis,
  mqtt,
  llm,
];
