// With real processes: SQL that runs for ever can only be stopped there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SqlConnection } from '../backend.ts';
import { EmbeddedDatabase } from './embedded.ts';
import { Engine } from './engine.ts';

const FOR_EVER = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
const { signal } = new AbortController();

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

function database(
  limits?: ConstructorParameters<typeof Engine>[0],
  path?: string,
): { engine: Engine; connect: () => SqlConnection } {
  const engine = new Engine(limits);
  closers.push(() => engine.close());
  const embedded = new EmbeddedDatabase(engine, { path, attachFiles: false });
  return { engine, connect: () => embedded.connect() };
}

describe('an embedded database', () => {
  it('is a new one for each connection when it lives in memory', async () => {
    const { connect } = database();
    const [one, other] = [connect(), connect()];
    await one.execute('CREATE TABLE t (a)', [], signal);
    await expect(other.execute('SELECT * FROM t', [], signal)).rejects.toThrow('no such table: t');
  });

  it('knows nothing before the first statement, then what that did', async () => {
    const { connect } = database();
    const connection = connect();
    expect([connection.lastInsertRowid, connection.changes]).toEqual([0n, 0n]);
    await connection.batch('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)', signal);
    expect([connection.lastInsertRowid, connection.changes]).toEqual([2n, 2n]);
  });

  it('stops a statement that runs for ever, and the next connection works', async () => {
    const { connect } = database({ statementMs: 2000 });
    const runaway = connect();
    await expect(runaway.execute(FOR_EVER, [], signal)).rejects.toThrow('interrupted');
    await expect(runaway.execute('SELECT 1', [], signal)).rejects.toThrow('interrupted');
    expect(await connect().execute('SELECT 1', [], signal)).toMatchObject({ columns: ['1'] });
  });

  it('ends a statement that nobody waits for any more', async () => {
    const { engine, connect } = database({ graceMs: 50 });
    const gone = new AbortController();
    const answer = connect().execute(FOR_EVER, [], gone.signal);
    await expect.poll(() => engine.waiting).toBe(1);
    gone.abort(new Error('the client has gone'));
    await expect(answer).rejects.toThrow('the client has gone');
    await expect.poll(() => engine.processes, { timeout: 10_000 }).toBe(0);
  });

  it('serves others while one takes long', async () => {
    const { engine, connect } = database();
    const gone = new AbortController();
    const slow = connect().execute(FOR_EVER, [], gone.signal);
    await expect.poll(() => engine.waiting).toBe(1);
    expect(await connect().execute('SELECT 2', [], signal)).toMatchObject({ columns: ['2'] });
    gone.abort(new Error('enough'));
    await expect(slow).rejects.toThrow('enough');
  });

  it('begins no more processes than it may, however many connections there are', async () => {
    const { engine, connect } = database();
    const all = Array.from({ length: 40 }, () => connect());
    await Promise.all(all.map((connection) => connection.execute('SELECT 1', [], signal)));
    expect(engine.processes).toBeLessThanOrEqual(4);
  });

  it('lets one write after another when several want to, and loses nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-embedded-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const { connect } = database({}, join(folder, 'one.db'));
    await connect().batch('CREATE TABLE n (x); INSERT INTO n VALUES (0)', signal);
    const add = async (): Promise<void> => {
      const connection = connect();
      await connection.execute('BEGIN IMMEDIATE', [], signal);
      await connection.execute('UPDATE n SET x = x + 1', [], signal);
      await connection.execute('COMMIT', [], signal);
      connection.close();
    };
    await Promise.all(Array.from({ length: 8 }, add));
    expect((await connect().execute('SELECT x FROM n', [], signal)).rows).toEqual([
      { values: [{ tag: 'integer', val: 8n }] },
    ]);
  });

  it('takes back what a connection had not committed when it is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-embedded-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const { connect } = database({}, join(folder, 'one.db'));
    const connection = connect();
    await connection.batch('CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)', signal);
    connection.close();
    expect((await connect().execute('SELECT * FROM t', [], signal)).rows).toEqual([]);
  });
});
