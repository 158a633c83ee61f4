// What ends a connection of a database's driver, or a statement on it.

/** What came is not the protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The connection ended before the answer was complete. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What the address lacks, or the server wants and cannot be given. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

/** More than one answer may hold. */
export class ResultTooLarge extends Error {
  override readonly name = 'ResultTooLarge';
}
