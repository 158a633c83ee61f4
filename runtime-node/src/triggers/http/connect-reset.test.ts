import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { DEFAULT_MAX_HEADER_BYTES } from './address.ts';
import { createListener, listen } from './listener.ts';

// Found by a client that reset its connection right after CONNECT: the error had no listener and ended the process.
it('serves on after a client has reset a connection that asked for a tunnel', async () => {
  const options = {
    address: { host: '127.0.0.1', port: 0 },
    findFreePort: false,
    maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES,
  };
  const server = createListener(options, (_request, response) => response.end('served'));
  const { port } = await listen(server, options);
  const failed = new Promise<void>((done) => {
    server.on('connect', (_request, socket) => {
      socket.once('close', () => done());
      socket.destroy(new Error('read ECONNRESET'));
    });
  });
  const client = connect(port, '127.0.0.1');
  client.on('error', () => {});
  client.write('CONNECT /x HTTP/1.1\r\nhost: h\r\n\r\n');
  await failed;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('served');
  client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});
