// Against a stand-in for a libSQL server: SQLite behind the answers that HRANA_2_SPEC.md has for a pipeline of one request.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { SqlConnection, SqlValue } from '../backend.ts';
import { LibsqlDatabase } from './libsql.ts';
import { HranaMalformed, readAnswer } from './protocol.ts';

const { signal } = new AbortController();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

async function connectTo(listener: RequestListener): Promise<SqlConnection> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/db`);
  return new LibsqlDatabase({ url, token: 'the-token' }).connect();
}

type Hrana = { type: string; value?: unknown; base64?: string };

const toSql = ({ type, value, base64 }: Hrana) =>
  type === 'integer'
    ? BigInt(String(value))
    : type === 'blob'
      ? Buffer.from(base64 ?? '', 'base64')
      : ((value ?? null) as string);

const fromSql = (value: unknown): Hrana =>
  value === null
    ? { type: 'null' }
    : typeof value === 'bigint'
      ? { type: 'integer', value: String(value) }
      : typeof value === 'number'
        ? { type: 'float', value }
        : typeof value === 'string'
          ? { type: 'text', value }
          : { type: 'blob', base64: Buffer.from(value as Uint8Array).toString('base64') };

/** The batons and headers of what was asked. */
const seen: { baton: unknown; authorization: string | undefined; url: string | undefined }[] = [];

async function serve(request: IncomingMessage): Promise<unknown> {
  const { baton, requests } = JSON.parse(await text(request)) as {
    baton: unknown;
    requests: { type: string; stmt: { sql: string; args: Hrana[] }; sql: string }[];
  };
  seen.push({ baton, authorization: request.headers.authorization, url: request.url });
  const database = new DatabaseSync(':memory:', { returnArrays: true, readBigInts: true });
  const [first] = requests;
  if (first?.type !== 'execute') {
    return { baton: 'next', base_url: null, results: [{ type: 'ok', response: { type: first?.type } }] };
  }
  try {
    const statement = database.prepare(first.stmt.sql);
    const rows = statement.all(...first.stmt.args.map(toSql)) as unknown as unknown[][];
    const result = {
      cols: statement.columns().map(({ name }) => ({ name })),
      rows: rows.map((row) => row.map(fromSql)),
      affected_row_count: 0,
      last_insert_rowid: '7',
    };
    return { baton: 'next', base_url: null, results: [{ type: 'ok', response: { type: 'execute', result } }] };
  } catch (error) {
    return {
      baton: 'next',
      results: [{ type: 'error', error: { message: (error as Error).message, code: 'SQLITE_UNKNOWN' } }],
    };
  }
}

const sqlite: RequestListener = (request, response) =>
  void serve(request).then((answer) => response.end(JSON.stringify(answer)));

function thrown(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a database on a libSQL server', () => {
  it('keeps every value exactly', async () => {
    const connection = await connectTo(sqlite);
    const values: SqlValue[] = [
      { tag: 'integer', val: -(2n ** 63n) },
      { tag: 'real', val: 1.5 },
      { tag: 'text', val: 'ü\0€' },
      { tag: 'blob', val: new Uint8Array([0, 255]) },
      { tag: 'null' },
    ];
    const { columns, rows } = await connection.execute('SELECT ?, ?, ?, ?, ?', values, signal);
    expect(columns).toEqual(['?', '?', '?', '?', '?']);
    expect(rows).toEqual([{ values }]);
    expect(connection.lastInsertRowid).toBe(7n);
  });

  it('is one stream of requests, each with the token', async () => {
    seen.length = 0;
    const connection = await connectTo(sqlite);
    await Promise.all([connection.batch('SELECT 1', signal), connection.batch('SELECT 2', signal)]);
    const one = { authorization: 'Bearer the-token', url: '/db/v2/pipeline' };
    expect(seen).toEqual([
      { ...one, baton: null },
      { ...one, baton: 'next' },
    ]);
  });

  it('gives errors of statements in the words of the Rust client', async () => {
    const connection = await connectTo(sqlite);
    await expect(connection.execute('selec', [], signal)).rejects.toThrow(
      'Hrana: `stream error: `Error { message: "near \\"selec\\": syntax error", code: "SQLITE_UNKNOWN" }``',
    );
  });

  it.each<[what: string, listener: RequestListener, message: RegExp]>([
    ['refuses', (_, response) => response.writeHead(401).end('no'), /^Hrana: `api error: `status=401, body=no``$/],
    [
      'talks nonsense',
      (_, response) => response.end('{"results":5}'),
      /^Hrana: `unexpected response: `results is no list``$/,
    ],
    ['hangs up', (request) => request.destroy(), /^Hrana: `http error: `/],
    [
      'hangs up in the middle',
      (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
      /^Hrana: `http error: `/,
    ],
    [
      'sends on to another',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /^Hrana: `http error: `/,
    ],
  ])('is an error, without the token, when the server %s', async (_, listener, message) => {
    const connection = await connectTo(listener);
    const error = await connection.execute('SELECT 1', [], signal).catch((caught: unknown) => caught);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('the-token');
  });

  it('does not follow a server to another origin with the token', async () => {
    seen.length = 0;
    const connection = await connectTo(
      (request, response) =>
        void serve(request).then((answer) =>
          response.end(JSON.stringify({ ...(answer as object), base_url: 'http://127.0.0.1:1/stolen' })),
        ),
    );
    await connection.batch('SELECT 1', signal);
    await connection.batch('SELECT 2', signal);
    expect(seen.length).toBe(2);
  });

  it('reads any answer or says that it is none', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.object().map((object) => JSON.stringify({ results: [object] })),
    );
    fc.assert(
      fc.property(anything, (answer) => {
        const error = thrown(() => readAnswer(answer));
        expect(error === undefined || error instanceof HranaMalformed).toBe(true);
      }),
    );
  });
});
