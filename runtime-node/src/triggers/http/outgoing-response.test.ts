import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../host/http/exchange.ts';
import { Http1Reply } from './http1/reply.ts';
import { OutgoingResponse } from './outgoing-response.ts';
import { respondEmpty, respondFixed } from './reply.ts';
import { rawExchange } from './testing/raw-server.ts';

const GET = 'GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';
const withoutDate = (text: string): string => text.replace(/date: [^\r]+\r\n/, 'date: <date>\r\n');

const answerWith = async (
  respond: (out: OutgoingResponse) => void,
  request = GET,
  failures: string[] = [],
): Promise<string> =>
  withoutDate(
    await rawExchange(
      (_request, response) => respond(new OutgoingResponse(new Http1Reply(response), (why) => failures.push(why))),
      request,
    ),
  );

describe('a response of a guest on the wire', () => {
  it('carries the headers the guest set, the date, and nothing node would add', async () => {
    const headers: HeaderList = [
      ['content-type', 'text/plain'],
      ['x-a', '1'],
      ['x-a', '2'],
    ];
    const answer = await answerWith((out) => out.respond({ status: 200, headers }, false));
    expect(answer).toBe(
      'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: 1\r\nx-a: 2\r\nconnection: close\r\ncontent-length: 0\r\ndate: <date>\r\n\r\n',
    );
  });

  it('says nothing of the connection while it stays open', async () => {
    const answer = await rawExchange((request, response) => {
      respondEmpty(new Http1Reply(response), 404);
      if (request.url === '/1') {
        response.once('finish', () => request.socket.end());
      }
    }, 'GET /0 HTTP/1.1\r\nhost: h\r\n\r\nGET /1 HTTP/1.1\r\nhost: h\r\n\r\n');
    expect(answer.match(/^HTTP\/1\.1 404/gm)).toHaveLength(2);
    expect(answer).not.toMatch(/connection|keep-alive/i);
  });

  it('is chunked when the guest declared no length, and exact when it did', async () => {
    const chunked = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [] }, true);
      body.write(Buffer.from('hello'));
      body.finish(null);
    });
    expect(chunked).toContain('transfer-encoding: chunked\r\n');
    expect(chunked).toMatch(/\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
    const exact = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [['content-length', '5']] }, true);
      body.write(Buffer.from('hello'));
      body.finish(null);
    });
    expect(exact).not.toContain('transfer-encoding');
    expect(exact).toMatch(/\r\n\r\nhello$/);
  });

  it('sends trailers behind a chunked body', async () => {
    const answer = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [] }, true);
      body.write(Buffer.from('x'));
      body.finish([['x-sum', '1']]);
    });
    expect(answer).toMatch(/1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n$/);
  });

  it.each([
    ['a body that the guest measured', GET, 200, [['content-length', '2']]],
    ['a request by HEAD', 'HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n', 200, []],
    ['a status without content', GET, 304, []],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 200, []],
  ] as const)('announces no trailers where none can come: %s', async (_name, request, status, headers) => {
    const announcing: HeaderList = [['trailer', 'x-sum'], ...headers];
    // The body is left for later, so that the head goes out by itself, where nobody could catch what node throws.
    const answer = await answerWith((out) => {
      const body = out.respond({ status, headers: announcing }, true);
      setImmediate(() => setImmediate(() => body.finish([['x-sum', '1']])));
    }, request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).not.toContain('x-sum');
  });

  it('announces trailers in a chunked message', async () => {
    const answer = await answerWith((out) => {
      out.respond({ status: 200, headers: [['trailer', 'x-sum']] }, true).finish([['x-sum', '1']]);
    });
    expect(answer).toContain('\r\ntrailer: x-sum\r\n');
    expect(answer).toMatch(/\r\n\r\n0\r\nx-sum: 1\r\n\r\n$/);
  });

  it.each([
    ['HEAD', 'HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n', 200],
    ['204', GET, 204],
    ['304', GET, 304],
  ])('has neither content nor a length for %s', async (_name, request, status) => {
    const answer = await answerWith((out) => {
      const body = out.respond({ status, headers: [] }, true);
      body.write(Buffer.from('hidden'));
      body.finish(null);
    }, request);
    expect(answer).toBe(
      `HTTP/1.1 ${status} ${{ 200: 'OK', 204: 'No Content', 304: 'Not Modified' }[status]}\r\nconnection: close\r\ndate: <date>\r\n\r\n`,
    );
  });

  it('ends with the connection for a client of HTTP/1.0', async () => {
    const answer = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [] }, true);
      body.write(Buffer.from('hello'));
      body.finish(null);
    }, 'GET / HTTP/1.0\r\n\r\n');
    expect(answer).toBe('HTTP/1.1 200 OK\r\ndate: <date>\r\n\r\nhello');
  });

  it('is cut, without its last chunk, when the body is aborted', async () => {
    const answer = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [] }, true);
      body.write(Buffer.from('half'));
      setImmediate(() => body.abort('dropped'));
    });
    expect(answer).not.toContain('\r\n0\r\n\r\n');
  });

  it('begins on the wire in the same turn, though the guest has no body yet', async () => {
    const answer = await answerWith((out) => {
      const body = out.respond({ status: 200, headers: [['x-a', '1']] }, true);
      setImmediate(() => body.abort('the guest hangs'));
    });
    expect(answer).toBe(
      'HTTP/1.1 200 OK\r\nx-a: 1\r\nconnection: close\r\ntransfer-encoding: chunked\r\ndate: <date>\r\n\r\n',
    );
  });

  it('can still be another one when the body is aborted before its first byte', async () => {
    const failures: string[] = [];
    const answer = await rawExchange((_request, response) => {
      const body = new OutgoingResponse(new Http1Reply(response), (why) => failures.push(why)).respond(
        { status: 200, headers: [] },
        true,
      );
      body.abort('dropped');
      body.write(Buffer.from('late'));
      body.finish(null);
      respondEmpty(new Http1Reply(response), 500);
    }, GET);
    expect(answer).toMatch(/^HTTP\/1\.1 500 /);
    expect(answer).not.toContain('late');
    expect(failures).toEqual(['dropped']);
  });

  it('reports an informational status and an error-code as failures', async () => {
    const failures: string[] = [];
    await rawExchange((_request, response) => {
      const out = new OutgoingResponse(new Http1Reply(response), (why) => failures.push(why));
      out.respond({ status: 199, headers: [] }, false);
      out.fail({ tag: 'internal-error', val: 'x' });
      respondEmpty(new Http1Reply(response), 500);
    }, GET);
    expect(failures).toEqual([expect.stringContaining('199'), expect.stringContaining('internal-error')]);
  });

  it.each([
    [{ tag: 'connection-refused' }, 'connection-refused'],
    [{ tag: 'internal-error', val: null }, 'internal-error'],
    [{ tag: 'internal-error', val: 'two\nlines' }, String.raw`internal-error 'two\nlines'`],
    [{ tag: 'HTTP-response-body-size', val: 3n }, 'HTTP-response-body-size 3n'],
    [{ tag: 'DNS-error', val: { rcode: 'none', infoCode: 1 } }, "DNS-error { rcode: 'none', infoCode: 1 }"],
  ])('reports an error-code with what it carries, in one line: %o', async (code, text) => {
    const failures: string[] = [];
    await rawExchange((_request, response) => {
      new OutgoingResponse(new Http1Reply(response), (why) => failures.push(why)).fail(code);
      respondEmpty(new Http1Reply(response), 500);
    }, GET);
    expect(failures).toEqual([`the guest answered with error code ${text}`]);
  });

  it('names an unregistered status as hyper does', async () => {
    expect(await answerWith((out) => out.respond({ status: 700, headers: [] }, false))).toMatch(
      /^HTTP\/1\.1 700 <none>\r\n/,
    );
  });

  it('lets the guest choose the date', async () => {
    const answer = await answerWith((out) => out.respond({ status: 200, headers: [['date', 'mine']] }, false));
    expect(answer.match(/date:/g)).toHaveLength(1);
  });

  it('takes no more while the client does not read, and says when it is gone', async () => {
    const rooms: unknown[] = [];
    await rawExchange((request, response) => {
      const body = new OutgoingResponse(new Http1Reply(response), () => {}).respond({ status: 200, headers: [] }, true);
      rooms.push(body.room());
      body.write(new Uint8Array(8_000_000));
      rooms.push(body.room());
      request.socket.destroy();
      void body.wait().then(() => rooms.push(body.room()));
    }, GET);
    expect(rooms).toEqual([1_048_576, 0, { tag: 'closed' }]);
  });

  it('writes a static answer with its length', async () => {
    const answer = await rawExchange((_request, response) => {
      respondFixed(new Http1Reply(response), { status: 302, headers: [['location', '/x']], body: Buffer.from('hi') });
    }, GET);
    expect(withoutDate(answer)).toBe(
      'HTTP/1.1 302 Found\r\nlocation: /x\r\nconnection: close\r\ncontent-length: 2\r\ndate: <date>\r\n\r\nhi',
    );
  });
});
