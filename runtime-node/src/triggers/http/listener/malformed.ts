// Answers to HTTP/1.1 that the parser refuses: a status where one can still be read, and the end of the connection, since
// nobody knows where the next request would begin (RFC 9112 §9.3).
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { httpDate } from '../date.ts';

/** A client that was refused may take this long to read why and to close; a reset at once could lose the answer. */
const LINGER_MS = 1000;

/** Status lines for node's parser errors; everything else is a bad request. */
const PARSER_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

export const answerMalformed = (error: NodeJS.ErrnoException, socket: Socket): void =>
  answer(socket, PARSER_STATUS[error.code ?? ''] ?? '400 Bad Request');

/** CONNECT asks for a tunnel, which no guest can open. */
export function answerConnect(socket: Socket): void {
  // Node has let go of this socket. Its errors must not end the process, and unread it would not notice its end.
  socket.on('error', () => socket.destroy());
  socket.resume();
  answer(socket, '501 Not Implemented');
}

/** Writes a whole answer to a connection that has no ServerResponse (any more), and ends it. */
export function answer(socket: Socket, statusLine: string): void {
  // A response that has begun cannot be mended: only cutting tells the client that it is not whole.
  const begun = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent ?? false;
  if (begun || !socket.writable) {
    socket.destroy();
    return;
  }
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
  socket.end(`HTTP/1.1 ${statusLine}\r\nconnection: close\r\ncontent-length: 0\r\ndate: ${httpDate()}\r\n\r\n`);
}
