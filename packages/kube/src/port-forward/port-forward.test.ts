// One connection to a pod against servers that answer as API servers do; the real one is asked in test/api/cli.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ClusterAccess } from '../transport/access.ts';
import { openPortForward } from './port-forward.ts';

const TARGET = { namespace: 'demo', pod: 'shop-1', port: 80 };

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function access(made: Server, headers: () => Record<string, string> = () => ({})): Promise<ClusterAccess> {
  server = made;
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return {
    server: new URL(`http://127.0.0.1:${(made.address() as AddressInfo).port}/behind`),
    namespace: 'demo',
    tls: async () => ({}),
    headers: async () => headers(),
    renew: async () => true,
  };
}

/** Sends what it gets back, and "!" at the end. */
function echo(sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' })): Server {
  return createServer().on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.send(Buffer.of(0, 80, 0));
      opened.send(Buffer.of(1, 80, 0));
      opened.on('message', (message: Buffer) => {
        opened.send(message);
        if (message.includes('end')) {
          opened.send(Buffer.concat([Buffer.of(0), Buffer.from('!')]));
          opened.close();
        }
      });
    }),
  );
}

describe('a forwarded connection', () => {
  it('is asked for at the pod, with the port and the protocol', async () => {
    const asked: unknown[] = [];
    const made = echo().on('upgrade', ({ url, headers }) =>
      asked.push(url, headers['sec-websocket-protocol'], headers['authorization']),
    );
    const connection = await openPortForward(await access(made, () => ({ authorization: 'Bearer x' })), TARGET);
    connection.destroy();
    expect(asked).toEqual([
      '/behind/api/v1/namespaces/demo/pods/shop-1/portforward?ports=80',
      'v4.channel.k8s.io',
      'Bearer x',
    ]);
  });

  it('carries bytes both ways, and ends when the pod ends it', async () => {
    const connection = await openPortForward(await access(echo()), TARGET);
    connection.write('one ');
    connection.write('the end');
    await expect(text(connection)).resolves.toBe('one the end!');
  });

  it('fails with what the kubelet says', async () => {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
    const made = createServer().on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.send(Buffer.of(1, 80, 0));
        opened.send(Buffer.concat([Buffer.of(1), Buffer.from('connection refused\n')]));
      }),
    );
    const connection = await openPortForward(await access(made), TARGET);
    await expect(text(connection)).rejects.toMatchObject({ name: 'TransportError', message: 'connection refused' });
  });
});

const refusing = (status: number, body: string): Server =>
  createServer().on('upgrade', (_request, socket) => {
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
  });

describe('a connection that is refused', () => {
  it('is an ApiError with the status and the message', async () => {
    const body = JSON.stringify({
      kind: 'Status',
      status: 'Failure',
      reason: 'Forbidden',
      message: 'may not',
      code: 403,
    });
    await expect(openPortForward(await access(refusing(403, body)), TARGET)).rejects.toMatchObject({
      name: 'ApiError',
      status: 403,
      message: 'may not',
    });
    server?.close();
    await expect(openPortForward(await access(refusing(500, 'error dialing backend')), TARGET)).rejects.toMatchObject({
      status: 500,
      message: expect.stringContaining('error dialing backend'),
    });
  });

  it('for its credentials is tried once more with new ones', async () => {
    const seen: unknown[] = [];
    const good = echo();
    const made = createServer().on('upgrade', (request, socket, head) => {
      seen.push(request.headers['authorization']);
      if (seen.length === 1) {
        socket.end('HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      } else {
        good.emit('upgrade', request, socket, head);
      }
    });
    let turn = 0;
    const headers = (): Record<string, string> => ({ authorization: `Bearer ${(turn += 1)}` });
    const connection = await openPortForward(await access(made, headers), TARGET);
    connection.end('end');
    await expect(text(connection)).resolves.toBe('end!');
    expect(seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('by nobody is a TransportError', async () => {
    const made = createServer();
    const to = await access(made);
    made.close();
    await once(made, 'close');
    await expect(openPortForward(to, TARGET)).rejects.toMatchObject({ name: 'TransportError', kind: 'connect' });
  });
});
