// The cases of PostgreSQL and MySQL against real servers.
import { afterAll, beforeAll, describe } from 'vitest';
import { startMariadb, type RunningMariadb } from '../../hack/services/mariadb.ts';
import { startPostgres, type RunningPostgres } from '../../hack/services/postgres.ts';
import { runCases } from './run-cases.ts';

let postgres: RunningPostgres;
let mariadb: RunningMariadb;

beforeAll(async () => {
  [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()]);
});

afterAll(async () => {
  await postgres?.stop();
  await mariadb?.stop();
});

describe.each(['postgres', 'mysql'])('%s', (folder) => {
  runCases(folder, () => ({
    POSTGRES: `${postgres.address}?sslmode=disable`,
    POSTGRES_PORT: postgres.port,
    MYSQL: mariadb.address,
    MYSQL_PORT: mariadb.port,
  }));
});
