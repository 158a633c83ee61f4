// What ends a connection to a PostgreSQL server.

/** What came is not the protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The connection ended before the answer was complete. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What the address lacks, or the server cannot be given. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}
