// Texts of errors are those that Spin gave to its guest (conformance/fixtures/spin-host.json).
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database, StatementFailure } from './database.ts';
import type { RawValue } from './messages.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-database-'));
afterAll(() => rmSync(folder, { recursive: true }));

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(StatementFailure);
    return (error as Error).message;
  }
  throw new Error('it did not fail');
};

describe('a database in memory', () => {
  let database: Database;
  beforeAll(() => {
    database = new Database({ path: undefined, attachFiles: false });
  });
  afterAll(() => database[Symbol.dispose]());

  it('keeps every value exactly', () => {
    const values: RawValue[] = [
      -(2n ** 63n),
      2n ** 63n - 1n,
      1.5,
      -0,
      Infinity,
      'ü\0€',
      '',
      new Uint8Array([0, 255]),
      null,
    ];
    const { rows } = database.execute(`SELECT ${values.map(() => '?').join(', ')}`, values);
    expect(rows).toEqual([values]);
  });

  it('tells a real from an integer, and an empty blob from NULL', () => {
    expect(database.execute('SELECT typeof(?), typeof(?), typeof(?)', [1, 1n, new Uint8Array(0)]).rows).toEqual([
      ['real', 'integer', 'blob'],
    ]);
  });

  it('runs the first statement of several and gives columns of the same name', () => {
    expect(database.execute('SELECT 1 AS a, 2 AS a; SELECT 3', [])).toMatchObject({
      columns: ['a', 'a'],
      rows: [[1n, 2n]],
    });
  });

  it('counts changes and knows the last row id', () => {
    database.execute('CREATE TABLE counted (a)', []);
    expect(database.execute('INSERT INTO counted VALUES (1), (2) RETURNING a', [])).toMatchObject({
      rows: [[1n], [2n]],
      lastInsertRowid: 2n,
      changes: 2n,
    });
    expect(database.execute('SELECT 1', [])).toMatchObject({ lastInsertRowid: 2n, changes: 2n });
  });

  it.each([
    ['selec 1', 'near "selec": syntax error in selec 1 at offset 0'],
    ["select 'selec', selec 1", 'near "1": syntax error in select \'selec\', selec 1 at offset 22'],
    ["select 'ü',,", 'near ",": syntax error in select \'ü\',, at offset 12'],
    ['select 1 +', 'incomplete input'],
    ['', 'bad parameter or other API misuse'],
    ['-- nothing', 'bad parameter or other API misuse'],
    ['select * from nope', 'no such table: nope'],
    ['select nope from (select 1)', 'no such column: nope in select nope from (select 1) at offset 7'],
    ['select a.b from (select 1)', 'no such column: a.b in select a.b from (select 1) at offset 7'],
    [
      "select 'readfile', readfile('/etc/passwd')",
      "no such function: readfile in select 'readfile', readfile('/etc/passwd') at offset 19",
    ],
    ['select abs()', 'wrong number of arguments to function abs() in select abs() at offset 7'],
    ["select 'open", 'unrecognized token: "\'open" in select \'open at offset 7'],
  ])('%j fails with the words of Spin', (sql, expected) => {
    expect(message(() => database.execute(sql, []))).toBe(expected);
  });

  it('wants as many values as there are parameters', () => {
    expect(message(() => database.execute('select ?, ?', [1n]))).toBe(
      'Wrong number of parameters passed to query. Got 1, needed 2',
    );
    expect(message(() => database.execute('select :a', [1n, 2n]))).toBe(
      'Wrong number of parameters passed to query. Got 2, needed 1',
    );
  });

  it('gives up an answer that grows too large', () => {
    const endless = 'WITH RECURSIVE n(x) AS (SELECT zeroblob(1000000) UNION ALL SELECT x FROM n) SELECT x FROM n';
    expect(message(() => database.execute(endless, []))).toBe('query result exceeds limit of 134217728 bytes');
  });

  it('grows to a quarter of a gigabyte and no further, whatever a guest attaches or sets', () => {
    const pages = (schema: string): unknown => database.execute(`PRAGMA ${schema}.max_page_count`, []).rows[0]?.[0];
    database.execute("ATTACH ':memory:' AS more", []);
    expect([pages('main'), pages('more')]).toEqual([65_536n, 65_536n]);
    expect(message(() => database.execute('PRAGMA max_page_count = 1000000', []))).toBe('not authorized');
    expect(message(() => database.execute('PRAGMA more.page_size = 65536', []))).toBe('not authorized');
  });
});

/** All ways to a file that SQLite has, as far as it is compiled in here. */
describe('a database in a file', () => {
  const secret = join(folder, 'secret.db');
  const own = join(folder, 'own.db');
  let database: Database;
  beforeAll(() => {
    using other = new Database({ path: secret, attachFiles: false });
    other.execute('CREATE TABLE secrets AS SELECT 1', []);
    database = new Database({ path: own, attachFiles: false });
    database.execute('CREATE TABLE t (a)', []);
  });
  afterAll(() => database[Symbol.dispose]());

  it.each<[sql: string, error: string, values?: RawValue[]]>([
    ['ATTACH $file AS x', 'not authorized', [secret]],
    ['ATTACH ? AS x', 'not authorized', [':memory:']],
    ["ATTACH 'file:secret.db?mode=ro' AS x", 'not authorized'],
    ["ATTACH 'file::memory:?cache=shared' AS x", 'not authorized'],
    ["ATTACH ':memory:' || '' AS x", 'not authorized'],
    [`ATTACH '${secret}' AS x`, 'not authorized'],
    [`attach database '${secret}' as x`, 'not authorized'],
    [`/**/ATTACH '${secret}' AS x`, 'not authorized'],
    [`EXPLAIN ATTACH '${secret}' AS x`, 'not authorized'],
    [`VACUUM INTO '${join(folder, 'copy.db')}'`, 'authorization denied'],
    ['VACUUM INTO ?', 'authorization denied', [join(folder, 'copy.db')]],
    ["SELECT load_extension('x')", 'not authorized'],
    ["SELECT load_extension('x', 'y')", 'not authorized'],
    ["PRAGMA temp_store_directory = '/'", 'not authorized'],
    ["PRAGMA TEMP_STORE_DIRECTORY('/')", 'not authorized'],
    ['PRAGMA mmap_size = 1000000000', 'not authorized'],
    ['PRAGMA hard_heap_limit = 1', 'not authorized'],
    ['PRAGMA soft_heap_limit = 1', 'not authorized'],
    ['PRAGMA threads = 8', 'not authorized'],
    ['PRAGMA cache_size = 1000000', 'not authorized'],
    ['PRAGMA main.cache_size = -1000000', 'not authorized'],
    ["PRAGMA cache_size = 'many'", 'not authorized'],
    ["SELECT writefile('x', 'y')", "no such function: writefile in SELECT writefile('x', 'y') at offset 7"],
    ["SELECT fts3_tokenizer('x', x'00')", 'unknown tokenizer: x'],
    ["CREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd')", 'no such module: csv'],
    ["SELECT * FROM fsdir('/')", 'no such table: fsdir'],
  ])('%s is refused', (sql, error, values = []) => {
    const said = message(() => database.execute(sql, values));
    // What is compiled in decides which of the two it is.
    expect([error, 'fts3tokenize disabled']).toContain(said);
    expect(
      readdirSync(folder)
        .filter((name) => !name.endsWith('-journal'))
        .toSorted(),
    ).toEqual(['own.db', 'secret.db']);
  });

  it.each([
    "ATTACH ':memory:' AS m",
    "ATTACH '' AS n",
    'VACUUM',
    'PRAGMA journal_mode',
    'PRAGMA cache_size = -2000',
    'PRAGMA mmap_size',
    'PRAGMA foreign_keys',
    'PRAGMA user_version = 5',
  ])('%s is allowed', (sql) => {
    expect(() => database.execute(sql, [])).not.toThrow();
  });

  it('attaches files when the operator allows it', () => {
    using allowed = new Database({ path: own, attachFiles: true });
    allowed.execute('ATTACH ? AS s', [secret]);
    expect(allowed.execute('SELECT * FROM s.secrets', []).rows).toEqual([[1n]]);
  });

  it('says that it is busy while another holds the lock', () => {
    using other = new Database({ path: own, attachFiles: false });
    other.execute('BEGIN EXCLUSIVE', []);
    expect(() => database.execute('INSERT INTO t VALUES (1)', [])).toThrow(
      expect.objectContaining({ busy: true, message: 'database is locked' }) as Error,
    );
  });
});
