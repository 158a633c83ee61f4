import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { sqlite } from './index.ts';
import { runInitialStatements } from './initial-statements.ts';
import type { SqliteDatabases } from './databases.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

const V1 = 'fermyon:spin/sqlite';
const V2 = 'fermyon:spin/sqlite@2.0.0';
const V3 = 'spin:sqlite/sqlite@3.1.0';

interface Opened {
  readonly stateDir: string;
  readonly databases: SqliteDatabases;
  readonly call: (name: string) => CallHost;
}

async function open(labels: string[], config: object = {}): Promise<Opened> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sqlite-host-'));
  const { guest, component } = fakeGuest({ metadata: { databases: labels } });
  closers.push(() => rmSync(stateDir, { recursive: true }));
  const app = fakeApp({ components: [component], stateDir });
  const databases = await sqlite.open(sqlite.parse({ sqlite_database: config }), app);
  closers.unshift(() => sqlite.close?.(databases));
  const bound = sqlite.bind(databases, component);
  return { stateDir, databases, call: (name) => callHost(bound.get(name), guest) };
}

describe('the SQLite interfaces', () => {
  it('open only what the component may have, and make no file for what it may not', async () => {
    const { call, stateDir } = await open(['default']);
    expect(call(V2)('[static]connection.open', 'other')).toEqual({ tag: 'err', val: { tag: 'access-denied' } });
    expect(call(V1)('open', 'other')).toEqual({ tag: 'err', val: { tag: 'access-denied' } });
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it('keep the default database beside the other state of the app', async () => {
    const { call, stateDir } = await open(['default']);
    const opened = call(V3)<{ val: { sql: unknown } }>('[static]connection.open', 'default');
    await call(V3)('[method]connection.execute', opened.val, 'CREATE TABLE t (a)', []);
    expect(readdirSync(stateDir)).toEqual(['sqlite_db.db']);
  });

  it('refuse the connection after the 256th until one is dropped', async () => {
    const { call } = await open(['default']);
    const connect = () => call(V2)<{ tag: string; val: Disposable }>('[static]connection.open', 'default');
    const held = Array.from({ length: 256 }, connect);
    const full = { tag: 'err', val: { tag: 'io', val: 'too many connections opened' } };
    expect(connect()).toEqual(full);
    expect(call(V1)('open', 'default')).toEqual(full);
    held[0]?.val[Symbol.dispose]();
    expect(connect().tag).toBe('ok');
  });

  it('of version 1 know connections by number until they are closed', async () => {
    const { call } = await open(['default']);
    const { val } = call(V1)<{ val: number }>('open', 'default');
    expect(await call(V1)('execute', val, 'SELECT 1 AS a', [])).toEqual({
      tag: 'ok',
      val: { columns: ['a'], rows: [{ values: [{ tag: 'integer', val: 1n }] }] },
    });
    call(V1)('close', val);
    expect(await call(V1)('execute', val, 'SELECT 1', [])).toEqual({ tag: 'err', val: { tag: 'invalid-connection' } });
  });

  it('do not start for labels without a database, all of which are named', async () => {
    await expect(open(['default', 'one', 'two'])).rejects.toThrow(
      "One or more components use SQLite databases which are not defined.\n- Component c uses database 'one'\n- Component c uses database 'two'",
    );
  });
});

describe('--sqlite', () => {
  it('runs statements and files in the databases they are for', async () => {
    const { databases, call } = await open(['default', 'x'], { x: { type: 'spin' } });
    await runInitialStatements(databases, [
      { kind: 'statement', sql: 'CREATE TABLE t AS SELECT 1 AS a' },
      { kind: 'file', file: 'f.sql', label: 'default', sql: 'INSERT INTO t VALUES (2); INSERT INTO t VALUES (3);' },
      { kind: 'file', file: 'f.sql', label: 'x', sql: 'CREATE TABLE elsewhere (a)' },
    ]);
    const { val } = call(V1)<{ val: number }>('open', 'default');
    expect(await call(V1)('execute', val, 'SELECT sum(a) FROM t', [])).toMatchObject({
      val: { rows: [{ values: [{ val: 6n }] }] },
    });
  });

  it.each([
    [{ kind: 'statement', sql: 'selec' }, "failed to execute 'selec': near"],
    [
      { kind: 'file', file: 'f.sql', label: 'default', sql: 'selec' },
      "failed to execute the statements in 'f.sql': near",
    ],
    [{ kind: 'file', file: 'f.sql', label: 'nope', sql: '' }, 'there is no SQLite database "nope"'],
  ] as const)('says what is wrong with %j', async (statements, message) => {
    const { databases } = await open(['default']);
    await expect(runInitialStatements(databases, [statements])).rejects.toThrow(message);
  });
});
