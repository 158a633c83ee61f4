import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { answerConnect } from './listener/malformed.ts';
import { Listener } from './listener/listener.ts';
import { respondFixed } from './reply.ts';
import { DEFAULT_MAX_HEADER_BYTES } from './address.ts';

// Found by a client that reset its connection right after CONNECT: the error had no listener and ended the process.
it('serves on after a client has reset a connection that asked for a tunnel', async () => {
  const listener = new Listener(
    { address: { host: '127.0.0.1', port: 0 }, findFreePort: false, maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES },
    {
      receive: (_request, reply) => respondFixed(reply, { status: 200, headers: [], body: Buffer.from('served') }),
      refused: () => {},
    },
  );
  const { port } = await listener.listen();
  const client = connect(port, '127.0.0.1');
  client.on('error', () => {});
  client.write('CONNECT /x HTTP/1.1\r\nhost: h\r\n\r\n');
  await once(client, 'data');
  client.resetAndDestroy();
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('served');
  const closed = listener.stopListening();
  listener.destroy();
  await closed;
});

it('takes the error of such a connection on itself', async () => {
  const socket = connect(1, '127.0.0.1');
  socket.removeAllListeners('error');
  answerConnect(socket);
  socket.destroy(new Error('read ECONNRESET'));
  await new Promise<void>((done) => socket.once('close', () => done()));
  expect(socket.destroyed).toBe(true);
});
