import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedDatabase } from './embedded.ts';
import { Engine } from './engine.ts';
import { QuickReader } from './quick-reader.ts';

const BY_ID = 'SELECT name FROM person WHERE id = ?';

let folder: string;
let path: string;
let writer: DatabaseSync;
let reader: QuickReader;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spindle-quick-'));
  path = join(folder, 'database');
  writer = new DatabaseSync(path);
  writer.exec("CREATE TABLE person (id INTEGER PRIMARY KEY, name, age); INSERT INTO person VALUES (7, 'seven', 30)");
  reader = new QuickReader(path);
});
afterEach(() => {
  reader.close();
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What it answers the second time: the first is never its own. */
const second = (sql: string, ...parameters: bigint[]) => {
  expect(reader.read(sql, parameters)).toBeUndefined();
  return reader.read(sql, parameters);
};

describe.each(['delete', 'wal'])('a look-up by a key with the journal mode %s', (mode) => {
  beforeEach(() => writer.exec(`PRAGMA journal_mode = ${mode}`));

  it('is answered when it is asked again', () => {
    expect(second(BY_ID, 7n)).toEqual({ columns: ['name'], rows: [['seven']] });
    expect(reader.read(BY_ID, [8n])).toEqual({ columns: ['name'], rows: [] });
  });

  it('sees what others commit, and nothing else', () => {
    second(BY_ID, 7n);
    writer.exec("UPDATE person SET name = 'new' WHERE id = 7");
    expect(reader.read(BY_ID, [7n])?.rows).toEqual([['new']]);
    writer.exec("BEGIN; UPDATE person SET name = 'newer' WHERE id = 7");
    expect(reader.read(BY_ID, [7n])?.rows).toEqual([['new']]);
    writer.exec('ROLLBACK');
  });

  it('is for the process while another connection has the lock, and answered here again later', () => {
    second(BY_ID, 7n);
    writer.exec('BEGIN EXCLUSIVE');
    const meanwhile = reader.read(BY_ID, [7n]);
    writer.exec('COMMIT');
    // With a write-ahead log, readers need not wait.
    expect(meanwhile?.rows).toEqual(mode === 'wal' ? [['seven']] : undefined);
    expect(reader.read(BY_ID, [7n])?.rows).toEqual([['seven']]);
  });

  it('is looked at anew when the schema has changed', () => {
    second(BY_ID, 7n);
    writer.exec("ALTER TABLE person RENAME TO old; CREATE TABLE person (id, name); INSERT INTO person VALUES (7, 'x')");
    expect(reader.read(BY_ID, [7n])).toBeUndefined();
    writer.exec('DROP TABLE person; ALTER TABLE old RENAME TO person');
    const answers = Array.from({ length: 200 }, () => reader.read(BY_ID, [7n])?.rows);
    expect(answers.at(-1)).toEqual([['seven']]);
  });
});

describe('the process is asked', () => {
  it.each([
    'SELECT * FROM person',
    'SELECT name FROM person WHERE age = ?',
    'SELECT count(*) FROM person',
    'SELECT name FROM person, person AS other',
    "INSERT INTO person (name) VALUES ('x')",
    'PRAGMA journal_mode',
    "ATTACH 'x' AS y",
    'BEGIN',
    'SELECT name FROM nobody WHERE id = ?',
    'not SQL',
    '',
  ])('%s', (sql) => {
    expect(second(sql)).toBeUndefined();
    expect(reader.read(sql, [])).toBeUndefined();
  });

  it('when there are too few or too many parameters', () => {
    expect(second(BY_ID)).toBeUndefined();
    expect(reader.read(BY_ID, [1n, 2n])).toBeUndefined();
  });

  it('for a value that takes long to read, not for the others', () => {
    writer.exec('INSERT INTO person (id, name) VALUES (1, zeroblob(2000000))');
    expect(second(BY_ID, 7n)?.rows).toEqual([['seven']]);
    expect(reader.read(BY_ID, [1n])).toBeUndefined();
    expect(reader.read(BY_ID, [7n])?.rows).toEqual([['seven']]);
  });

  it.each(['CREATE VIEW v AS SELECT 1', 'CREATE VIRTUAL TABLE v USING fts5(a)'])(
    'of a database in which preparing a statement may run code: %s',
    (statement) => {
      writer.exec(statement);
      expect(second(BY_ID, 7n)).toBeUndefined();
    },
  );

  it('when the file is not there', () => {
    reader = new QuickReader(join(folder, 'nothing'));
    expect(second(BY_ID, 7n)).toBeUndefined();
  });
});

describe('a connection', () => {
  it('answers by itself only until it has something of its own', async () => {
    const engine = new Engine();
    const database = new EmbeddedDatabase(engine, { path, attachFiles: false }, reader);
    const { signal } = new AbortController();
    const parameters = [{ tag: 'integer', val: 7n }] as const;
    try {
      second(BY_ID, 7n);
      const connection = database.connect();
      const answer = { columns: ['name'], rows: [{ values: [{ tag: 'text', val: 'seven' }] }] };
      expect(connection.executeNow?.(BY_ID, parameters)).toEqual(answer);
      await connection.execute("CREATE TEMP TABLE person AS SELECT 7 AS id, 'own' AS name", [], signal);
      expect(connection.executeNow?.(BY_ID, parameters)).toBeUndefined();
      const own = await connection.execute(BY_ID, parameters, signal);
      expect(own.rows).toEqual([{ values: [{ tag: 'text', val: 'own' }] }]);
      expect(database.connect().executeNow?.(BY_ID, parameters)).toEqual(answer);
      connection.close();
    } finally {
      engine.close();
    }
  });
});
