// Every function of MySQL's interfaces, called by a real guest on a real server.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMariadb, type RunningMariadb } from '../../../../hack/services/mariadb.ts';
import { selfSigned } from '../../../../test/certificates/self-signed.ts';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { startTls } from '../network/connect.ts';
import { sqlGuest, type SqlGuest } from '../testing/sql-guest.ts';
import { Connection } from './client/connection.ts';

let server: RunningMariadb;
let guest: SqlGuest;
let authority: string;

beforeAll(async () => {
  const { key, cert } = selfSigned();
  authority = cert;
  server = await startMariadb({ tls: { certificate: cert, key }, args: ['--max-allowed-packet=512M'] });
  guest = await sqlGuest(await fixture('rsql'), { allowed_outbound_hosts: [`mysql://127.0.0.1:${server.port}`] });
});
afterAll(async () => {
  await guest?.[Symbol.asyncDispose]();
  await server?.stop();
});

const ask = async (version: string, statements: string[], parameters: string[] = []): Promise<string> =>
  (await guest.ask(version, server.address, { statements, parameters })).join('\n');

describe.each(['mysql1', 'mysql2'])('a guest of %s', (version) => {
  const named = (error: string): string => (version === 'mysql1' ? error.replace('Error::', 'MysqlError::') : error);

  it('gets back every type, and a boolean as a number', async () => {
    const table = `t_${version}`;
    const columns =
      'a tinyint, b smallint, c mediumint, d int, e bigint, f tinyint unsigned, g smallint unsigned, h int unsigned, i bigint unsigned, j float, k double, l varchar(9), m varbinary(9), n text, o blob, p bool, q char(2), r int';
    const parameters = [
      'int8:-1',
      'int16:-2',
      'int32:-3',
      'int32:-4',
      'int64:-9223372036854775808',
      'uint8:255',
      'uint16:65535',
      'uint32:4294967295',
      'uint64:18446744073709551615',
      'float32:1.5',
      'float64:-2.5',
      'str:ü€',
      'binary:00ff',
      'str:text',
      'binary:01',
      'boolean:true',
      'str:ab',
      'null',
    ];
    await ask(version, [`!DROP TABLE IF EXISTS ${table}`, `!CREATE TABLE ${table} (${columns})`]);
    expect(
      await ask(version, [`!INSERT INTO ${table} VALUES (${parameters.map(() => '?').join(', ')})`], parameters),
    ).toBe('()');
    expect(await ask(version, [`SELECT * FROM ${table}`])).toContain(
      'rows: [[DbValue::Int8(-1), DbValue::Int16(-2), DbValue::Int32(-3), DbValue::Int32(-4), DbValue::Int64(-9223372036854775808), DbValue::Uint8(255), DbValue::Uint16(65535), DbValue::Uint32(4294967295), DbValue::Uint64(18446744073709551615), DbValue::Floating32(1.5), DbValue::Floating64(-2.5), DbValue::Str("ü€"), DbValue::Binary([0, 255]), DbValue::Str("text"), DbValue::Binary([1]), DbValue::Int8(1), DbValue::Str("ab"), DbValue::DbNull]]',
    );
  });

  it('is told what is wrong, and goes on', async () => {
    const lines = await guest.ask(version, server.address, {
      statements: ['SELECT * FROM nope', 'SELECT ?', 'SELECT 1.5', 'SELECT 1 AS one'],
      parameters: [],
    });
    expect(lines).toEqual([
      named(
        'error Error::QueryFailed("Server(ServerError { code: 1146, message: \\"Table \'spin_dev.nope\' doesn\'t exist\\", state: \\"42S02\\" })")',
      ),
      named('error Error::QueryFailed("Driver(StmtParamsMismatch { required: 1, supplied: 0 })")'),
      named(
        'error Error::ValueConversionFailed("Cannot convert value Bytes(\\"1.5\\") in column 1.5 data type Other")',
      ),
      'RowSet { columns: [Column { name: "one", data-type: DbDataType::Int32 }], rows: [[DbValue::Int32(1)]] }',
    ]);
  });

  it('may not connect elsewhere, and reads the address that it has written', async () => {
    expect(await guest.ask(version, 'mysql://u:p@127.0.0.1:1/d', { statements: ['SELECT 1'] })).toEqual([
      named('error Error::ConnectionFailed("address mysql://u:p@127.0.0.1:1/d is not permitted")'),
    ]);
  });
});

describe('a guest of mysql2', () => {
  it('gets the first of several results, and the next statement its own', async () => {
    const procedure = 'CREATE OR REPLACE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END';
    expect(await ask('mysql2', [`!${procedure}`, 'CALL two()', 'SELECT 3'])).toMatch(
      /name: "a".*Int32\(1\)[^]*Int32\(3\)/,
    );
  });

  it('finds nothing of what the guest before it has left in the session', async () => {
    const left = [
      "!SET @left = 'x'",
      '!CREATE TEMPORARY TABLE left_behind (a int)',
      '!BEGIN',
      'SELECT connection_id()',
    ];
    const first = await guest.ask('mysql2', server.address, { statements: left });
    const next = await guest.ask('mysql2', server.address, {
      statements: ['SELECT @left, @@in_transaction', 'SELECT * FROM left_behind', 'SELECT connection_id()'],
    });
    expect(next[0]).toContain('rows: [[DbValue::DbNull, DbValue::Uint64(0)]]');
    expect(next[1]).toContain("left_behind' doesn't exist");
    // It was the same session.
    expect(next[2]).toBe(first.at(-1));
  });

  it('sends and gets values of more than one packet', async () => {
    expect(
      await ask(
        'mysql2',
        ["SELECT length(repeat('x', 20000000)), length(concat(repeat('x', 17000000), ?))"],
        ['str:y'],
      ),
    ).toContain('17000001');
  });

  it('gets no answer that is too large, and the next one', async () => {
    const large =
      "SELECT repeat('x', 50000000) AS x UNION ALL SELECT repeat('y', 50000000) UNION ALL SELECT repeat('z', 50000000)";
    expect(await ask('mysql2', [large])).toContain(
      'error Error::Other("query result exceeds limit of 134217728 bytes")',
    );
    expect(await ask('mysql2', ['SELECT 1'])).toContain('DbValue::Int32(1)');
  });

  it('asks for TLS and does not get it from a server that nobody vouches for', async () => {
    const address = `${server.address}?ssl-mode=REQUIRED`;
    expect((await guest.ask('mysql2', address, { statements: ['SELECT 1'] }))[0]).toMatch(
      /ConnectionFailed\("Input\/output error: .*certificate/,
    );
  });

  it('has TLS where the server is vouched for', async () => {
    const plain = connect(server.port, '127.0.0.1');
    await once(plain, 'connect');
    const secureContext = createSecureContext({ ca: authority });
    const never = new AbortController().signal;
    const tls = (socket: Socket) => startTls(socket, '127.0.0.1', { alpn: [], secureContext }, never);
    const { username, password } = new URL(server.address);
    const login = { user: username, password: decodeURIComponent(password), database: undefined, tls };
    const connection = new Connection(plain, login, () => {});
    await connection.loggedIn();
    const cipher = await connection.prepare("SHOW STATUS LIKE 'Ssl_cipher'");
    const { rows } = await connection.execute(cipher, [], true);
    expect(rows).toMatchObject([[{ val: 'Ssl_cipher' }, { val: expect.stringMatching(/TLS/) }]]);
    expect(await connection.reset(never)).toBe(true);
    connection.destroy();
  });

  it('is told that the password is wrong, without the password', async () => {
    const [line] = await guest.ask('mysql2', `mysql://spin:wrong-one@127.0.0.1:${server.port}/spin_dev`, {
      statements: [],
    });
    expect(line).toMatch(
      /^error Error::ConnectionFailed\("Server error: `ERROR 28000 \(1045\): Access denied for user 'spin'@'127.0.0.1' \(using password: YES\)'/,
    );
    expect(line).not.toContain('wrong-one');
  });
});
