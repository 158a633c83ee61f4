// A real node:http server whose answers a test reads byte by byte.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** Serves one connection with `onRequest`, sends `text` and resolves to all that came until the connection closed. */
export async function rawExchange(
  onRequest: (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => void,
  text: string,
): Promise<string> {
  const server = createServer({ requireHostHeader: false }, onRequest);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('latin1');
  let answer = '';
  socket.on('data', (chunk: string) => (answer += chunk));
  const closed = new Promise<void>((done) => socket.on('close', () => done()));
  socket.on('error', () => socket.destroy());
  socket.write(text, 'latin1');
  await closed;
  await new Promise((done) => server.close(done));
  return answer;
}
