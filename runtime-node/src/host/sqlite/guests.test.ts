// Every function of SQLite's interfaces, called by a real guest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { sqlGuest, type SqlGuest } from '../testing/sql-guest.ts';

let guest: SqlGuest;
const stateDir = mkdtempSync(join(tmpdir(), 'sqlite-guests-'));

beforeAll(async () => {
  guest = await sqlGuest(
    await fixture('rsql'),
    { databases: ['default', 'memory'] },
    { app: { stateDir }, runtimeConfig: { sqlite_database: { memory: { type: 'spin' } } } },
  );
});
afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  rmSync(stateDir, { recursive: true });
});

describe.each(['sqlite1', 'sqlite2', 'sqlite3'])('a guest of %s', (version) => {
  const results = async (...args: Parameters<SqlGuest['ask']>): Promise<string[]> => {
    const lines = await guest.ask(...args);
    return version === 'sqlite3' ? lines.slice(0, -1) : lines;
  };

  it('gets back what it stored', async () => {
    const [, , , row] = await results(version, 'default', {
      statements: [
        `DROP TABLE IF EXISTS t`,
        'CREATE TABLE t (a)',
        'INSERT INTO t VALUES (5)',
        'SELECT a, ? AS b, ?, ?, ?, ? FROM t',
      ],
      parameters: ['integer:-9223372036854775808', 'real:1.5', 'text:ü', 'blob:00ff', 'null'],
    });
    expect(row).toBe(
      'QueryResult { columns: ["a", "b", "?", "?", "?", "?"], rows: [RowResult { values: [Value::Integer(5), Value::Integer(-9223372036854775808), Value::Real(1.5), Value::Text("ü"), Value::Blob([0, 255]), Value::Null] }] }',
    );
  });

  it('is told what is wrong, and goes on', async () => {
    expect(
      await results(version, 'memory', { statements: ['selec 1', "ATTACH '/etc/passwd' AS x", 'SELECT 1'] }),
    ).toEqual([
      'error Error::Io("near \\"selec\\": syntax error in selec 1 at offset 0")',
      'error Error::Io("not authorized")',
      'QueryResult { columns: ["1"], rows: [RowResult { values: [Value::Integer(1)] }] }',
    ]);
  });

  it('may not open what is not its own', async () => {
    expect(await guest.ask(version, 'other', { statements: [] })).toEqual(['error Error::AccessDenied']);
  });
});

describe('a guest', () => {
  it('of sqlite3 knows the last row id and how many rows were changed', async () => {
    const statements = ['CREATE TABLE t (a)', 'INSERT INTO t VALUES (1), (2), (3)', 'SELECT count(*) FROM t'];
    expect((await guest.ask('sqlite3', 'memory', { statements })).at(-1)).toBe('row id 3 changes 3');
    expect(await guest.ask('sqlite3', 'memory', { statements: [] })).toEqual(['row id 0 changes 0']);
  });

  it.each(['sqlite1', 'sqlite2'])('of %s holds 256 connections and no more', async (version) => {
    expect(await guest.ask(version, 'memory', { statements: [], more: { hold: '' } })).toEqual([
      '256 then Error::Io("too many connections opened")',
    ]);
  });

  it('of sqlite1 may not use a connection that it has closed', async () => {
    expect(await guest.ask('sqlite1', 'memory', { statements: ['SELECT 1'], more: { closed: '' } })).toEqual([
      'error Error::InvalidConnection',
    ]);
  });
});
