/** The connection is gone; the message is for the guest. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}
