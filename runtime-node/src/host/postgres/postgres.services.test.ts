// Every function of PostgreSQL's interfaces, called by a real guest on a real server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type RunningPostgres } from '../../../../hack/services/postgres.ts';
import { selfSigned } from '../../../../test/certificates/self-signed.ts';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { sqlGuest, type SqlGuest } from '../testing/sql-guest.ts';

let server: RunningPostgres;
let guest: SqlGuest;
let certificate: string;

beforeAll(async () => {
  const { key, cert } = selfSigned();
  certificate = cert;
  server = await startPostgres({ tls: { certificate: cert, key } });
  guest = await sqlGuest(await fixture('rsql'), {
    allowed_outbound_hosts: [`postgres://127.0.0.1:${server.port}`, `postgres://localhost:${server.port}`],
  });
});
afterAll(async () => {
  await guest?.[Symbol.asyncDispose]();
  await server?.stop();
});

/** Without TLS: nobody vouches for this server's certificate. */
const plain = (): string => `${server.address}?sslmode=disable`;
const query = async (version: string, ...statements: string[]): Promise<string> =>
  (await guest.ask(version, plain(), { statements })).join('\n');

describe.each(['pg1', 'pg2', 'pg3', 'pg4'])('a guest of %s', (version) => {
  it('gets back the values that all versions have', async () => {
    const lines = await guest.ask(version, plain(), {
      statements: [
        'SELECT $1::bool, $2::"char", $3::int2, $4::int4, $5::int8, $6::float4, $7::float8, $8::text, $9::bytea, $10::text',
      ],
      parameters: [
        'boolean:true',
        'int8:65',
        'int16:-2',
        'int32:3',
        'int64:-4',
        'float32:1.5',
        'float64:-2.5',
        'str:ü',
        'binary:00ff',
        'null',
      ],
    });
    const char = version === 'pg4' ? 'DbValue::Unsupported([65])' : 'DbValue::Unsupported';
    expect(lines.join('')).toContain(
      `rows: [[DbValue::Boolean(true), ${char}, DbValue::Int16(-2), DbValue::Int32(3), DbValue::Int64(-4), DbValue::Floating32(1.5), DbValue::Floating64(-2.5), DbValue::Str("ü"), DbValue::Binary([0, 255]), DbValue::DbNull]]`,
    );
  });

  it('gets the number of rows that a statement has touched, and no columns without rows', async () => {
    await query(version, `!DROP TABLE IF EXISTS ${version}`, `!CREATE TABLE ${version} (a int UNIQUE)`);
    expect(
      await query(
        version,
        `!INSERT INTO ${version} SELECT generate_series(1, 5)`,
        `SELECT * FROM ${version} WHERE a > 5`,
      ),
    ).toBe('5\nRowSet { columns: [], rows: [] }');
  });

  it('is told what is wrong, and goes on', async () => {
    const lines = await guest.ask(version, plain(), { statements: ['SELECT * FROM nope', 'SELECT 1 AS one'] });
    expect(lines[0]).toMatch(
      /^error (?:Pg)?Error::QueryFailed\(.*SqlState\(E42P01\), message: .*relation .*nope.* does not exist/,
    );
    expect(lines[1]).toBe(
      'RowSet { columns: [Column { name: "one", data-type: DbDataType::Int32 }], rows: [[DbValue::Int32(1)]] }',
    );
  });

  it('may not send a value to another type', async () => {
    const [line] = await guest.ask(version, plain(), { statements: ['SELECT $1::int8'], parameters: ['int32:1'] });
    expect(line?.replaceAll('\\', '')).toContain(
      'Error { kind: ToSql(0), cause: Some(WrongType { postgres: Int8, rust: "i32" }) }',
    );
  });

  it('may not connect elsewhere', async () => {
    expect(await guest.ask(version, 'postgres://127.0.0.1:1/d', { statements: ['SELECT 1'] })).toEqual([
      'error Error::ConnectionFailed("address postgres://127.0.0.1:1 is not permitted")'.replace(
        'Error::',
        version === 'pg1' ? 'PgError::' : 'Error::',
      ),
    ]);
  });
});

describe('a guest of pg3', () => {
  it('has dates and times, and no name for what is newer', async () => {
    const [line] = await guest.ask('pg3', plain(), {
      statements: ['SELECT $1::date, $2::time, $3::timestamp, $4::timestamptz, gen_random_uuid()'],
      parameters: ['date:2024/2/29', 'time:1:2:3:4000', 'datetime:1969/12/31 23:59:59:999999000', 'timestamp:-1'],
    });
    expect(line).toContain(
      'rows: [[DbValue::Date((2024, 2, 29)), DbValue::Time((1, 2, 3, 4000)), DbValue::Datetime((1969, 12, 31, 23, 59, 59, 999999000)), DbValue::Datetime((1969, 12, 31, 23, 59, 59, 0)), DbValue::Unsupported]]',
    );
  });
});

describe('a guest of pg4', () => {
  it.each<[type: string, parameter: string, value: string]>([
    ['uuid', 'uuid:550E8400-E29B-41D4-A716-446655440000', 'Uuid("550e8400-e29b-41d4-a716-446655440000")'],
    [
      'jsonb',
      'jsonb:{ "a" : 12345678901234567890 }',
      `Jsonb([${[...Buffer.from('{"a":12345678901234567890}')].join(', ')}])`,
    ],
    ['numeric', 'decimal:-12345678901234567890.123400', 'Decimal("-12345678901234567890.123400")'],
    [
      'int4range',
      'range-int32:(1,5]',
      'RangeInt32((Some((2, RangeBoundKind::Inclusive)), Some((6, RangeBoundKind::Exclusive))))',
    ],
    ['int8range', 'range-int64:[,9)', 'RangeInt64((None, Some((9, RangeBoundKind::Exclusive))))'],
    [
      'numrange',
      'range-decimal:(1.5,2.50]',
      'RangeDecimal((Some(("1.5", RangeBoundKind::Exclusive)), Some(("2.50", RangeBoundKind::Inclusive))))',
    ],
    ['int4[]', 'array-int32:1,null,3', 'ArrayInt32([Some(1), None, Some(3)])'],
    ['int8[]', 'array-int64:', 'ArrayInt64([])'],
    ['numeric[]', 'array-decimal:1.50,null', 'ArrayDecimal([Some("1.50"), None])'],
    ['text[]', 'array-str:a,null,b', 'ArrayStr([Some("a"), None, Some("b")])'],
    ['varchar[]', 'array-str:a', 'ArrayStr([Some("a")])'],
    ['interval', 'interval:1000000,2,3', 'Interval(Interval { micros: 1000000, days: 2, months: 3 })'],
    ['name', 'str:n', 'Unsupported([110])'],
    ['json', 'jsonb:[1]', `Unsupported([${[...Buffer.from('[1]')].join(', ')}])`],
  ])('gets back a %s', async (type, parameter, value) => {
    const [line] = await guest.ask('pg4', plain(), { statements: [`SELECT $1::${type}`], parameters: [parameter] });
    expect(line).toContain(`rows: [[DbValue::${value}]]`);
  });

  it('knows the names of types that the user has made', async () => {
    const made = ['!DROP TYPE IF EXISTS mood', "!CREATE TYPE mood AS ENUM ('ok')", "SELECT 'ok'::mood"];
    expect(await query('pg4', ...made)).toContain(
      'DbDataType::Other("mood") }], rows: [[DbValue::Unsupported([111, 107])]]',
    );
  });

  it('gets the parts of a server error', async () => {
    const text = await query(
      'pg4',
      '!DROP TABLE IF EXISTS parts',
      '!CREATE TABLE parts (a int CONSTRAINT one UNIQUE)',
      '!INSERT INTO parts VALUES (1)',
      '!INSERT INTO parts VALUES (1)',
    );
    expect(text).toMatch(
      /severity: "ERROR", code: "23505".*detail: Some\("Key \(a\)=\(1\) already exists."\), extras: \[\("constraint", "one"\)/,
    );
  });

  it('connects over TLS to whom the authority vouches for, and to nobody else', async () => {
    const secure = server.address.replace('127.0.0.1', 'localhost');
    const ssl = { statements: ['SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'] };
    expect((await guest.ask('pg4', secure, { ...ssl, more: { ca: certificate } }))[0]).toContain(
      'DbValue::Boolean(true)',
    );
    expect((await guest.ask('pg4', secure, ssl))[0]).toContain('error performing TLS handshake');
    expect((await guest.ask('pg4', secure, { ...ssl, more: { ca: 'junk' } }))[0]).toContain(
      'Error::Other("invalid root certificate',
    );
    expect((await guest.ask('pg4', `${secure}?sslmode=disable`, { ...ssl, more: { ca: '' } }))[0]).toContain(
      'DbValue::Boolean(false)',
    );
  });

  it('asks the manifest with a builder too', async () => {
    expect(await guest.ask('pg4', 'postgres://127.0.0.1:1/d', { statements: [], more: { ca: '' } })).toEqual([
      'error Error::ConnectionFailed("address postgres://127.0.0.1:1 is not permitted")',
    ]);
  });

  it('is told that the password is wrong, without the password', async () => {
    const [line] = await guest.ask(
      'pg4',
      `postgres://spin:wrong-one@127.0.0.1:${server.port}/postgres?sslmode=disable`,
      { statements: [] },
    );
    expect(line).toBe(
      'error Error::ConnectionFailed("Error occurred while creating a new object: db error\\n\\nCaused by:\\n    0: db error\\n    1: FATAL: password authentication failed for user \\"spin\\"")',
    );
  });

  it('finds nothing of what the guest before it has left in the session', async () => {
    const first = await guest.ask('pg4', plain(), {
      statements: [
        '!DROP TABLE IF EXISTS kept',
        '!CREATE TABLE kept (a int)',
        "!SET application_name = 'left'",
        '!CREATE TEMP TABLE left_behind (a int)',
        '!PREPARE left_statement AS SELECT 1',
        '!SELECT pg_advisory_lock(42)',
        '!LISTEN left_channel',
        '!BEGIN',
        '!INSERT INTO kept VALUES (1)',
        'SELECT pg_backend_pid()',
      ],
    });
    const state = [
      "current_setting('application_name')",
      "to_regclass('left_behind')::text",
      "(SELECT count(*) FROM pg_prepared_statements WHERE name = 'left_statement')",
      "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')",
      '(SELECT count(*) FROM pg_listening_channels())',
      '(SELECT count(*) FROM kept)',
    ];
    const next = await guest.ask('pg4', plain(), {
      statements: [`SELECT ${state.join(', ')}`, 'SELECT pg_backend_pid()'],
    });
    expect(next[0]).toContain(
      'rows: [[DbValue::Str(""), DbValue::DbNull, DbValue::Int64(0), DbValue::Int64(0), DbValue::Int64(0), DbValue::Int64(0)]]',
    );
    // It was the same session.
    expect(next[1]).toBe(first.at(-1));
  });

  it('sees a table as it is now, though its statement was prepared before', async () => {
    await query(
      'pg4',
      '!DROP TABLE IF EXISTS changing',
      '!CREATE TABLE changing (a int)',
      '!INSERT INTO changing VALUES (1)',
      'SELECT * FROM changing',
    );
    await query('pg4', '!ALTER TABLE changing ADD b text');
    expect(await query('pg4', 'SELECT * FROM changing')).toContain('rows: [[DbValue::Int32(1), DbValue::DbNull]]');
  });

  it('gets no answer that is too large, and the next one', async () => {
    expect(await query('pg4', "SELECT repeat('x', 1000000) FROM generate_series(1, 200)")).toContain(
      'error Error::QueryFailed(QueryError::Text("query result exceeds limit of 134217728 bytes"))',
    );
    expect(await query('pg4', 'SELECT 1')).toContain('DbValue::Int32(1)');
  });

  it('cannot copy files in, and is told so', async () => {
    expect(await query('pg4', '!CREATE TEMP TABLE copied (a text)', '!COPY copied FROM STDIN', 'SELECT 1')).toMatch(
      /COPY FROM STDIN is not supported[^]*DbValue::Int32\(1\)/,
    );
  });
});
