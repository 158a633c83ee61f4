// A stop while clients connect and send: what has arrived by then is answered.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { App } from '../../app/app.ts';
import { DEFAULT_MAX_HEADER_BYTES } from './address.ts';
import { RunningCalls } from '../running-calls.ts';
import { stopTriggers } from '../trigger.ts';
import { startHttpTrigger } from './serve.ts';

const app: App = {
  locked: {
    spin_lock_version: 1,
    triggers: [
      { id: 't', trigger_type: 'http', trigger_config: { route: '/...', static_response: { body: 'served' } } },
    ],
    components: [],
  },
  components: new Map(),
  variables: { resolveTemplate: (template) => template },
  capabilityState: () => undefined,
  close: async () => {},
};

const REQUEST = 'GET / HTTP/1.1\r\nhost: h\r\n\r\n';

/** All that comes until the connection ends; an error is told as such. */
function received(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('error', (error) => resolve(`${text}(${error.message})`));
    socket.on('close', () => resolve(text));
  });
}

it('answers what clients have sent by the time of a stop, on new connections and on kept ones', async () => {
  const calls = new RunningCalls({ onError: () => {} });
  const listener = {
    address: { host: '127.0.0.1', port: 0 },
    findFreePort: false,
    maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES,
  };
  const trigger = await startHttpTrigger(app, listener, calls);
  const clients = Array.from({ length: 60 }, () => connect(trigger.address.port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const kept = clients.slice(0, 30);
  for (const client of kept) {
    client.write(REQUEST);
    await once(client, 'data');
  }
  const answers = clients.map(received);
  for (const client of clients) {
    client.write(REQUEST);
  }
  expect(await stopTriggers([trigger], calls, 5000)).toBe(0);
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*connection: close\r\n(?:.+\r\n)*\r\nserved$/);
  }
});
