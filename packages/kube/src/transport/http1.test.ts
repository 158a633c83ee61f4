// HTTP/1.1: `kubectl proxy` and servers without HTTP/2, and the way through a proxy.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterAccess } from './access.ts';
import { createTransport } from './http-transport.ts';
import type { Transport } from './types.ts';

const servers: Server[] = [];
let transport: Transport;
let seen: string[];
beforeEach(() => (seen = []));
afterEach(async () => {
  await transport.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(handler: RequestListener): Promise<URL> {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function connected(server: URL, over: Partial<ClusterAccess> = {}): Transport {
  const access: ClusterAccess = {
    server,
    namespace: 'default',
    tls: async () => ({}),
    headers: async () => ({ authorization: 'Bearer t', 'impersonate-group': ['a', 'b'] }),
    renew: async () => false,
    ...over,
  };
  return (transport = createTransport(access, { userAgent: 'test' }));
}

describe('over HTTP/1.1', () => {
  it('a request has its headers, its body and the path of the server before its own', async () => {
    const server = await listen((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => seen.push(text));
      request.on('end', () => response.end(JSON.stringify([request.method, request.url, request.rawHeaders])));
      response.setHeader('content-type', 'application/json');
    });
    const { body } = await connected(new URL('/clusters/one/', server)).request({
      method: 'PATCH',
      path: '/api/v1/pods',
      query: { watch: false, none: undefined, labelSelector: 'a=b,c' },
      body: { a: 1 },
      contentType: 'application/merge-patch+json',
    });
    const [method, url, rawHeaders] = body as [string, string, string[]];
    expect([method, url]).toEqual(['PATCH', '/clusters/one/api/v1/pods?watch=false&labelSelector=a%3Db%2Cc']);
    const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
    expect(lines).toEqual(
      expect.arrayContaining([
        `host: ${server.host}`,
        'authorization: Bearer t',
        'impersonate-group: a',
        'impersonate-group: b',
        'content-type: application/merge-patch+json',
        'user-agent: test',
      ]),
    );
    expect(seen).toEqual(['{"a":1}']);
  });

  it('a stream gives its bytes as they come', async () => {
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
    const server = await listen((_request, response) => {
      response.write('one');
      void isRead.then(() => response.end('two'));
    });
    const texts: string[] = [];
    for await (const bytes of await connected(server).stream({ method: 'GET', path: '/' })) {
      texts.push(Buffer.from(bytes).toString());
      read();
    }
    expect(texts).toEqual(['one', 'two']);
  });

  it('a stream and an answer that break off are errors', async () => {
    const server = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"a"', () => response.destroy());
    });
    const broken = { kind: 'reset', retry: 'backoff' };
    await expect(connected(server).request({ method: 'GET', path: '/' })).rejects.toMatchObject(broken);
    const stream = await transport.stream({ method: 'GET', path: '/' });
    await expect(Array.fromAsync(stream)).rejects.toMatchObject(broken);
  });

  it('an answer that is not what it says is refused', async () => {
    const server = await listen((_request, response) => {
      response.setHeader('content-type', 'application/json').end('<html>');
    });
    await expect(connected(server).request({ method: 'GET', path: '/' })).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('a server that is not there is an error that says so', async () => {
    const server = await listen(() => undefined);
    servers.splice(0).forEach((one) => one.close());
    await expect(connected(server).request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      kind: 'connect',
      message: expect.stringContaining(`cannot connect to ${server.host}`),
    });
  });

  it('a refusal waits as long as its header says', async () => {
    const server = await listen((_request, response) => {
      response.writeHead(429, { 'retry-after': '4' }).end('slow down');
    });
    await expect(connected(server).request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      status: 429,
      message: 'slow down',
      retry: { afterMs: 4_000 },
    });
  });

  it('new credentials after a 401 are tried once', async () => {
    let token = 'old';
    const server = await listen((request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.writeHead(401).end();
    });
    const headers = async (): Promise<Record<string, string>> => ({ authorization: token });
    const renew = async (): Promise<boolean> => ((token = 'new'), true);
    const request = connected(server, { headers, renew }).request({ method: 'GET', path: '/' });
    await expect(request).rejects.toMatchObject({ status: 401 });
    expect(seen).toEqual(['old', 'new']);
  });
});

/** `answer` is the status of CONNECT. */
async function proxyTo(answer: number): Promise<URL> {
  const proxy = await listen(() => undefined);
  servers.at(-1)?.on('connect', (request, socket) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const [host, port] = (request.url ?? '').split(':');
    socket.write(`HTTP/1.1 ${answer} Answer\r\n\r\n`);
    if (answer === 200) {
      const target = connect(Number(port), host ?? '');
      target.pipe(socket).pipe(target);
    } else {
      socket.end();
    }
  });
  proxy.username = 'me';
  proxy.password = 'p%40ss';
  return proxy;
}

describe('through a proxy', () => {
  it('the tunnel is asked for with the name and password of the proxy', async () => {
    const server = await listen((_request, response) => void response.end('there'));
    const { body } = await connected(server, { proxy: await proxyTo(200) }).request({ method: 'GET', path: '/' });
    expect(body).toBe('there');
    expect(seen).toEqual([`${server.host} Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  });

  it('that refuses, the error is of the proxy', async () => {
    const server = await listen((_request, response) => void response.end('there'));
    const proxy = await proxyTo(403);
    await expect(connected(server, { proxy }).request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      kind: 'connect',
      message: `the proxy ${proxy.host} refuses a tunnel to ${server.host}: 403`,
    });
  });
});
