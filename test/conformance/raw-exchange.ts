// Raw HTTP/1.1 over TCP, since what is tested here is what clients of flesh and blood never send.
import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** `name: value` in lower-case names, sorted. */
  readonly headers: readonly string[];
  /** Without the chunked framing; latin1. */
  readonly body: string;
}

/**
 * Sends the text (latin1) and gives everything that came until the server closed the connection. `thenEnd`: the client
 * sends no more, and says so.
 */
export function exchange(port: number, text: string, { thenEnd = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text, 'latin1');
      if (thenEnd) {
        socket.end();
      }
    });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    );
    socket.on('close', () => resolve(answer));
  });
}

/** A request that closes the connection: sent behind another, its answer proves that the connection was still open. */
export const PROBE = 'GET /.well-known/spin/health HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n';

/** Splits what came into responses. `methods` are those of the requests, since an answer to HEAD has no body. */
export function parseResponses(text: string, methods: readonly string[]): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = text;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) {
      throw new Error(`not a whole response: ${JSON.stringify(rest.slice(0, 200))}`);
    }
    const [statusLine = '', ...fields] = rest.slice(0, end).split('\r\n');
    const status = Number(statusLine.split(' ')[1]);
    const headers = fields.map(normalField).toSorted();
    rest = rest.slice(end + 4);
    if (status === 100) {
      responses.push({ status, headers, body: '' });
      continue;
    }
    const method = methods[responses.filter((response) => response.status !== 100).length] ?? 'GET';
    const [body, after] = takeBody(rest, method, status, headers);
    responses.push({ status, headers, body });
    rest = after;
  }
  return responses;
}

function normalField(field: string): string {
  const colon = field.indexOf(':');
  const name = field.slice(0, colon).toLowerCase();
  return `${name}: ${name === 'date' ? '<date>' : field.slice(colon + 1).trim()}`;
}

function takeBody(text: string, method: string, status: number, headers: readonly string[]): [string, string] {
  if (method === 'HEAD' || status === 204 || status === 304) {
    return ['', text];
  }
  if (headers.includes('transfer-encoding: chunked')) {
    return takeChunks(text);
  }
  const length = headers.find((field) => field.startsWith('content-length: '));
  if (length === undefined) {
    return [text, ''];
  }
  const bytes = Number(length.slice('content-length: '.length));
  return [text.slice(0, bytes), text.slice(bytes)];
}

function takeChunks(text: string): [string, string] {
  let body = '';
  let rest = text;
  for (;;) {
    const line = /^([0-9A-Fa-f]+)\r\n/.exec(rest);
    if (line === null) {
      throw new Error(`not a chunk: ${JSON.stringify(rest.slice(0, 100))}`);
    }
    const size = Number.parseInt(line[1] ?? '', 16);
    rest = rest.slice(line[0].length);
    if (size === 0) {
      const end = rest.indexOf('\r\n');
      return [body, rest.slice(end + 2)];
    }
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
}
