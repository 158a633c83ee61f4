// Commands behind the WAGI executor (spin-contract.md §6.6): CGI on their standard streams, one fresh command per request.
import { Agent, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask, BodyReader, open, responseTo, type Answer, type Asked } from './client.ts';
import { eventually } from './eventually.ts';
import { serveComponents, type GuestOptions, type Routed, type ServedGuest } from './serve-guest.ts';

const WAGI = 'executor = { type = "wagi" }';

/** Each guest on `/<guest>/...`, those of `handlers` by their own means. */
const serve = async (
  commands: readonly string[],
  handlers: readonly string[] = [],
  options: GuestOptions = {},
): Promise<ServedGuest> =>
  serveComponents(
    await Promise.all(
      [...commands, ...handlers].map(async (id): Promise<Routed> => {
        const routed = { id, route: `/${id}/...`, source: await fixturePath(id) };
        return commands.includes(id) ? { ...routed, trigger: WAGI } : routed;
      }),
    ),
    options,
  );

let served: ServedGuest;

beforeAll(async () => {
  served = await serve(['rwagi-module', 'rwagi-p2', 'rcommand', 'tinygo-command-module'], ['rfanout'], {
    component: 'allowed_outbound_hosts = ["http://*.spin.internal"]\nenvironment = { OWN = "set" }',
  });
});

afterAll(() => served?.stop());

/** What rwagi does, by the words of its query. */
const tell = (query: string, asked?: Asked): Promise<Answer> => ask(served.port, `/rwagi-module/?${query}`, asked);

/** As one word of its query. */
const raw = (text: string): string => `raw=${encodeURIComponent(text)}`;

/** The line about the last request that failed. */
const lastError = (): string => served.errors.at(-1) ?? '';

describe('a command', () => {
  it.each(['rwagi-module', 'rwagi-p2'])('answers with what it prints (%s)', async (guest) => {
    expect(await ask(served.port, `/${guest}/?head&x=5`)).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': '5', connection: 'close' },
      body: 'xxxxx',
    });
  });

  it('is told of its request by arguments, environment and input', async () => {
    const body = 'what was sent';
    const answer = await ask(served.port, '/rcommand/a%20b?x=1&y=2', {
      method: 'POST',
      body,
      headers: { 'x-own': 'v', host: 'example.com:81' },
    });
    expect(answer.body?.split('\n')).toEqual(
      expect.arrayContaining([
        'args ["x=1", "y=2"]',
        'OWN=set',
        'CONTENT_LENGTH=13',
        'GATEWAY_INTERFACE=CGI/1.1',
        'HTTP_X_OWN=v',
        'PATH_INFO=/a%20b',
        'PATH_TRANSLATED=/a b',
        'QUERY_STRING=x=1&y=2',
        'REMOTE_ADDR=127.0.0.1',
        'REQUEST_METHOD=POST',
        'SCRIPT_NAME=/rcommand',
        'SERVER_NAME=example.com',
        'SERVER_PORT=81',
        'X_MATCHED_ROUTE=/rcommand/...',
        'X_FULL_URL=http://example.com:81/rcommand/a%20b?x=1&y=2',
        'input "what was sent"',
      ]),
    );
    expect(answer.body).not.toContain('HTTP_SPIN_');
  });

  it('of TinyGo, which leaves by an exit, answers', async () => {
    const path = '/tinygo-command-module/x';
    const answer = await ask(served.port, path);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' } });
    expect(answer.body?.split('\0')).toEqual(expect.arrayContaining(['PATH_INFO=/x', 'OWN=set']));
    expect((await ask(served.port, `${path}?3`)).status).toBe(500);
    expect((await ask(served.port, path)).status).toBe(200);
  });

  it.each([
    ['that never waits', 'head&count&count', 'GET'],
    ['that waits', 'head&count&wait=1&count', 'GET'],
    ['with a body', 'head&count&count', 'POST'],
  ])('%s is in its first state each time', async (_what, query, method) => {
    const asked = method === 'POST' ? { method, body: 'x' } : {};
    const answers = await Promise.all(Array.from({ length: 8 }, () => tell(query, asked)));
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 8 }, () => 'count 1\ncount 2\n'));
  });

  it('logs what it writes to stderr, and nothing of what it answers', async () => {
    expect(await tell('err=to-the-log&head&raw=to-the-client')).toMatchObject({ status: 200, body: 'to-the-client' });
    await eventually(() => served.output().includes('to-the-log'));
    expect(served.output()).not.toContain('to-the-client');
  });

  it('is called by another component as any other is', async () => {
    const url = 'http://rwagi-module.spin.internal/a%3Fhead%26x=200000';
    const { body } = await ask(served.port, `/rfanout/?url=${url}&url=http://rcommand.spin.internal/p&show`);
    expect(body).toMatch(/^0 200 200000\n/m);
    for (const line of ['SCRIPT_NAME=', 'PATH_INFO=/p', 'SERVER_NAME=rcommand.spin.internal', 'REMOTE_ADDR=0.0.0.0']) {
      expect(body).toContain(line);
    }
  });

  it('says at the start that Spin will deprecate it', () => {
    expect(served.app.http?.routes.warnings).toEqual([
      'Warning: HTTP route /rwagi-module/... uses the WAGI executor.',
      'Warning: HTTP route /rwagi-p2/... uses the WAGI executor.',
      'Warning: HTTP route /rcommand/... uses the WAGI executor.',
      'Warning: HTTP route /tinygo-command-module/... uses the WAGI executor.',
      'Warning: WAGI will be deprecated in a future version of Spin.',
      'To provide feedback, please visit https://github.com/spinframework/spin/issues/3520.',
    ]);
  });
});

describe('what a command prints', () => {
  it.each([
    ['status: 404 Not Found\n\ngone', { status: 404, body: 'gone' }],
    ['Status: 201\r\nX-A: 1\r\nX-A: 2\r\n\r\n\r\nkept', { status: 201, body: '\r\nkept' }],
    ['location: /new\n\n', { status: 302, headers: { location: '/new' }, body: '' }],
    ['status: soon\n\nbad', { status: 502, body: 'bad' }],
    ['status: 204\ncontent-length: 9\n\nnot sent', { status: 204, body: '' }],
    ['content-type: a/b\ncontent-length: 2\n\nfour', { status: 200, headers: { 'content-length': '4' }, body: 'four' }],
    ['content-type: a/b\nconnection: upgrade\ntransfer-encoding: gzip\n\nok', { status: 200, body: 'ok' }],
  ])('%j is answered with %j', async (text, expected) => {
    const { headers, ...rest } = expected as Answer;
    const answer = await tell(raw(text));
    expect(answer).toMatchObject(rest);
    expect(answer.headers).toMatchObject(headers ?? {});
    expect(answer.headers?.['transfer-encoding']).toBeUndefined();
  });

  it('keeps every cookie', async () => {
    const { headers } = await tell(raw('content-type: a/b\nset-cookie: a=1\nset-cookie: b=2\n\n'));
    expect(headers?.['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('to a HEAD request is a head with the length of the body', async () => {
    const short = await tell('head&x=70', { method: 'HEAD' });
    expect(short).toMatchObject({ status: 200, headers: { 'content-length': '70' }, body: '' });
    expect(await tell('head&x=200000', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    ['garbage', raw('Hello, I am no CGI program')],
    ['a head that says nothing', raw('x-other: 1\n\nbody')],
    ['a head without an end', raw('content-type: text/plain\n')],
    ['an empty line alone', raw('\n\n')],
  ])('is answered for with the reason when it is %s', async (_what, query) => {
    const text = "Exactly one of 'location' or 'content-type' must be specified";
    expect(await tell(query)).toMatchObject({
      status: 500,
      headers: { 'content-length': String(text.length) },
      body: text,
    });
    expect(lastError()).toContain(`Error processing request, component rwagi-module: ${text}: what component`);
  });

  it('has to be something', async () => {
    expect(await tell('')).toMatchObject({ status: 500, body: '' });
    expect(lastError()).toContain(
      'The "rwagi-module" component is configured to use the WAGI executor but did not write to stdout. ' +
        'Check the `executor` in spin.toml.',
    );
  });

  it('is no response when it is 100 MB of headers, and the command is ended long before', async () => {
    expect(await tell('lines=100000')).toMatchObject({ status: 500, body: '' });
    expect(lastError()).toMatch(/component "rwagi-module" wrote \d{5} bytes of CGI headers, and no end to them/);
  });

  it('goes out as it is written when it is much, whole, also the first time', async () => {
    const fresh = await serve(['rwagi-module']);
    expect((await ask(fresh.port, '/rwagi-module/?head&x=300000')).body).toHaveLength(300_000);
    await fresh.stop();
    const { status, headers, body } = await tell('head&x=5000000');
    expect([status, headers?.['transfer-encoding'], body?.length]).toEqual([200, 'chunked', 5_000_000]);
  });

  it('goes out while the command goes on', async () => {
    const client = open(served.port, `/rwagi-module/?head&${raw('first')}&read=6&${raw('last')}`, {
      method: 'POST',
      headers: { 'content-length': '6' },
    });
    client.flushHeaders();
    const answer = new BodyReader(await responseTo(client));
    expect(await answer.until(5)).toBe('first');
    client.end('second');
    expect(await answer.whole()).toBe('whole');
    expect(answer.text).toBe('firstread Ok(6)\nlast');
  });

  it('waits for a client that does not read', async () => {
    const client = open(served.port, '/rwagi-module/?head&x=50000000&err=all-printed');
    client.end();
    const response = await responseTo(client);
    response.pause();
    // Another request goes all its way meanwhile.
    expect(await tell('head&wait=50&raw=other')).toMatchObject({ status: 200, body: 'other' });
    expect(served.output()).not.toContain('all-printed');
    expect(await lengthOf(response)).toBe(50_000_000);
    await eventually(() => served.output().includes('all-printed'));
  });

  it('is as long as it says, or the connection is cut', async () => {
    const declared = raw('content-type: a/b\ncontent-length: 100000\n\n');
    expect((await tell(`${declared}&x=100000`)).headers).toMatchObject({ 'content-length': '100000' });
    expect((await tell(`${declared}&x=150000`)).body).toHaveLength(100_000);
    expect(await tell(`${declared}&x=90000`)).toMatchObject({ cut: true });
  });
});

describe('how a command ends', () => {
  it.each([
    ['by leaving in the middle', 'head&raw=whole&exit=0&raw=never', { status: 200, body: 'whole' }],
    ['by leaving after it has waited', 'head&raw=whole&wait=1&exit=0', { status: 200, body: 'whole' }],
    ['with a code', 'head&raw=whole&exit=3', { status: 500, body: '' }],
    ['with a panic', 'head&raw=whole&panic', { status: 500, body: '' }],
    ['with a code, its head not even whole', 'raw=content-type:&exit=1', { status: 500, body: '' }],
  ])('%s: %s is %j', async (_how, query, expected) => {
    expect(await tell(query)).toMatchObject(expected);
    expect(await tell(query, { method: 'POST', body: 'x' })).toMatchObject({ status: expected.status });
    expect(await tell('head&raw=next')).toMatchObject({ status: 200, body: 'next' });
  });

  it('badly, when it has begun to answer, cuts the answer', async () => {
    expect(await tell('head&x=300000&exit=1')).toMatchObject({ status: 200, cut: true });
    expect(lastError()).toContain(
      'Component error after response started, component rwagi-module: the guest called exit',
    );
  });

  it('is at once when its client leaves', async () => {
    const other = await serve(['rwagi-module']);
    for (const query of ['head&x=4000000000', 'head&raw=x&wait=600000']) {
      const client = open(other.port, `/rwagi-module/?${query}`);
      client.on('error', () => {});
      client.end();
      await new BodyReader(await responseTo(client)).until(1);
      client.destroy();
    }
    // Nothing is left that would have to be ended.
    expect(await other.stop()).toBe(0);
  });
});

describe('the body of a request to a command', () => {
  const body = 'spindle '.repeat(500_000);

  it.each(['rwagi-module', 'rwagi-p2'])('is read as the command reads, and may be echoed (%s)', async (guest) => {
    const answer = await ask(served.port, `/${guest}/?head&echo`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(answer.body === body).toBe(true);
  });

  it('that comes in chunks is counted first', async () => {
    const client = open(served.port, '/rcommand/', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    client.write('in ');
    client.end('chunks');
    const reader = new BodyReader(await responseTo(client));
    await reader.whole();
    expect(reader.text).toContain('CONTENT_LENGTH=9\n');
    expect(reader.text).toContain('input "in chunks"');
  });

  it('need not be read, and the connection serves on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = { method: 'POST', body, agent };
    for (let count = 0; count < 3; count += 1) {
      expect(await tell('head&raw=unread', asked)).toMatchObject({ status: 200, body: 'unread' });
      expect(await tell('head&read=7&raw=some', asked)).toMatchObject({ status: 200, body: 'read Ok(7)\nsome' });
    }
    agent.destroy();
  });
});

describe('a command over its limits', () => {
  it('of time is ended: 504, or what it has begun is cut', async () => {
    const limited = await serve(['rwagi-module'], [], { run: { limits: { requestMs: 200 } } });
    expect((await ask(limited.port, '/rwagi-module/?wait=600000&head')).status).toBe(504);
    expect(limited.errors.at(-1)).toContain('request time');
    expect(await ask(limited.port, '/rwagi-module/?head&raw=begun&wait=600000')).toMatchObject({
      status: 200,
      cut: true,
    });
    expect(await ask(limited.port, '/rwagi-module/?head&raw=next')).toMatchObject({ body: 'next' });
    await limited.stop();
  });

  it('of memory is ended: 500', async () => {
    const limited = await serve(['rwagi-module'], [], { run: { limits: { instanceMemory: 32 * 1024 * 1024 } } });
    expect((await ask(limited.port, '/rwagi-module/?head&hog')).status).toBe(500);
    expect(limited.errors.at(-1)).toContain('memory limit');
    await limited.stop();
  });

  it('of concurrency waits for its turn, or is turned away', async () => {
    const limited = await serve(['rwagi-module'], [], { run: { limits: { concurrency: 1, queue: 1 } } });
    const client = open(limited.port, '/rwagi-module/?head&raw=held&read=1', {
      method: 'POST',
      headers: { 'content-length': '1' },
    });
    client.flushHeaders();
    const held = new BodyReader(await responseTo(client));
    await held.until(4);
    const path = '/rwagi-module/?head&raw=next';
    const others = [ask(limited.port, path), ask(limited.port, path)];
    expect((await Promise.race(others)).status).toBe(503);
    client.end('x');
    expect((await Promise.all(others)).map(({ status }) => status).toSorted()).toEqual([200, 503]);
    await limited.stop();
  });
});

describe('the WAGI executor', () => {
  it('takes no handler of HTTP', async () => {
    await expect(serve(['rhello'])).rejects.toMatchObject({
      message: expect.stringContaining('failed to find wasi command interface for wagi executor') as string,
      code: 'SPK4027',
      place: { field: 'component.rhello.source' },
    });
  });

  it('may run one component in several ways', async () => {
    const source = await fixturePath('rcommand');
    const own = 'executor = { type = "wagi", argv = "tool --path ${SCRIPT_NAME}" }';
    const both = await serveComponents([{ id: 'c', route: '/a', source, trigger: WAGI }], {
      component: `[[trigger.http]]\nroute = "/b"\ncomponent = "c"\n${own}\n[[trigger.http]]\nroute = { private = true }\ncomponent = "c"\n${WAGI}`,
    });
    expect((await ask(both.port, '/a?1')).body).toContain('args ["1"]\n');
    expect((await ask(both.port, '/b?1')).body).toContain('args ["--path", "/b"]\n');
    await both.stop();
  });
});

async function lengthOf(response: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const piece of response) {
    length += (piece as Buffer).length;
  }
  return length;
}
